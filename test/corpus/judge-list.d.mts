/** Types of judge-list.mjs for its test. */
export function judgeList(
  list: unknown,
  options: { readonly nameMax: number; readonly isCompiled: (tool: number) => boolean },
): { readonly tools: number; readonly compiled: number; readonly problems: readonly { readonly tool: string; readonly problem: string }[] };
