/** Freezes a tree of any depth, so that a write to it throws: nothing may change its input (openapi.md L08). */
export function freezeDeep(root) {
  const pending = [root];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null || Object.isFrozen(node)) continue;
    Object.freeze(node);
    for (const child of Object.values(node)) if (typeof child === 'object' && child !== null) pending.push(child);
  }
}
