/**
 * @typedef {import('./goals.mjs').Figure} Figure
 * @typedef {import('./measures.mjs').Sample} Sample
 * @typedef {{ cells: string[], isFloorMet: boolean }} Row
 */

/** @param {Figure} figure @param {Sample[]} samples of its measure @returns {Row} */
export function describeFigure({ figure, title, unit, digits, goal, floor = goal }, samples) {
  const values = samples.map(({ figures }) => figures[figure] ?? NaN);
  const { min, median, max } = spreadOf(values);
  const ratios = samples.flatMap(({ figures, baseline }) => (baseline?.[figure] === undefined ? [] : [(figures[figure] ?? NaN) / baseline[figure]]));
  const spread = [min, median, max].map((value) => value.toFixed(digits)).join(' – ');
  const verdict = goal === undefined ? '' : median <= goal ? 'PASS' : 'FAIL';
  return {
    cells: [title, `${spread} ${unit}`, ratios.length === 0 ? '' : spreadOf(ratios).median.toFixed(2), goal === undefined ? '' : `${goal} ${unit}`, floor === undefined ? '' : `${floor} ${unit}`, verdict],
    // NaN meets no floor.
    isFloorMet: floor === undefined || median <= floor,
  };
}

export const head = ['', 'min – median – max', 'ratio', 'goal', 'floor', ''];

/** @param {string[][]} rows */
export function formatTable(rows) {
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

/** @param {number[]} values */
export function spreadOf(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return { min: sorted[0] ?? NaN, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? NaN, max: sorted.at(-1) ?? NaN };
}
