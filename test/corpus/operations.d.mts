/** Types of operations.mjs for its test. */
export function countOperations(root: Readonly<Record<string, unknown>>): number;
