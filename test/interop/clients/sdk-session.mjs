/** A connection of the official SDKs' clients, v1 and v2: their `Client` differs in few names. */

/**
 * @param {any} client @param {Pick<import('./run-checks.mjs').Connection, 'protocol'> & Partial<import('./run-checks.mjs').Connection>} more
 * @returns {import('./run-checks.mjs').Connection}
 */
export function describeSession(client, more) {
  return {
    declaresListChanged: client.getServerCapabilities()?.tools?.listChanged === true,
    tools: async () => {
      const names = [];
      let cursor;
      do {
        const page = await client.listTools(cursor === undefined ? undefined : { cursor });
        names.push(...page.tools.map((/** @type {{ name: string }} */ { name }) => name));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return names;
    },
    call: async () => {
      throw new Error('no way to call was given');
    },
    close: () => client.close(),
    ...more,
  };
}

/** @param {{ isError?: boolean, content?: readonly { type: string, text?: string }[] }} result */
export function readResult({ isError = false, content = [] }) {
  return { isError, text: content.map(({ text, type }) => text ?? `[${type}]`).join('\n') };
}
