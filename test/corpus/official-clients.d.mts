/** Types of official-clients.mjs for its test. */
export function offerToClients(list: string, tools: number): Promise<readonly string[]>;
