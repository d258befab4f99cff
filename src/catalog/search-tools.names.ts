/** The tools that stand for all others where a list would be too long. No tool of an API has one of these names. */
export const SEARCH_TOOLS = 'search_tools';
export const DESCRIBE_TOOL = 'describe_tool';
export const CALL_TOOL = 'call_tool';

export const SEARCH_TOOL_NAMES: ReadonlySet<string> = new Set([SEARCH_TOOLS, DESCRIBE_TOOL, CALL_TOOL]);

/** Tool names are at most this long, so that clients which put a server name in front stay below 64. */
export const LONGEST_NAME = 44;
