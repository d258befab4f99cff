const maxLength = 64;

/** The known name that `name` was probably meant to be: the same but for case and punctuation, or few edits away; undefined when none is close. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const letters = lettersOf(name);
  const same = letters === '' ? undefined : known.find((other) => lettersOf(other) === letters);
  if (same !== undefined || name.length > maxLength) return same;
  const limit = Math.min(2, Math.floor(name.length / 3));
  const ranked = known
    .filter((other) => Math.abs(other.length - name.length) <= limit)
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit);
  return ranked.sort((a, b) => a.distance - b.distance)[0]?.other;
}

const lettersOf = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Levenshtein's distance; both texts are short. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...a].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
