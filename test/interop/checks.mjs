/** What each client must show, in the order of the table's columns; the Python and Go programs follow the same list. */
export const CHECKS = ['login', 'list', 'call', 'tool error', 'unknown tool', 'cancel', 'list changed', 'step-up', 'missing scope', '1,000 tools'];
