/** One thing that was looked at, and what came of it. No step holds a token or a secret. */
export interface Step {
  readonly name: string;
  /** `problem`: the credential is refused because of it; `note`: worth knowing, refuses nothing. */
  readonly result: 'ok' | 'problem' | 'note';
  readonly found: string;
  /** What to change, and where in the provider's console. */
  readonly remedy?: string | undefined;
}

const signs = { ok: '  ok  ', problem: ' FAIL ', note: ' note ' } as const;

/** The steps as lines, each remedy below its own. */
export function describeSteps(steps: readonly Step[]): string {
  return steps.flatMap(({ name, result, found, remedy }) => [`${signs[result]} ${name}: ${found}`, ...(remedy === undefined ? [] : [`        → ${remedy}`])]).join('\n');
}
