/** What a legacy server's answer to `initialize` says for all that follows. */
export interface LegacySession {
  readonly id: string | undefined;
  readonly version: string | undefined;
}

/** @param line the answer to `initialize`; an error makes no session */
export function readSession(line: string, id: string | undefined): LegacySession | undefined {
  const answer: unknown = JSON.parse(line);
  const result = typeof answer === 'object' && answer !== null && 'result' in answer ? answer.result : undefined;
  if (typeof result !== 'object' || result === null) return undefined;
  return { id, version: 'protocolVersion' in result && typeof result.protocolVersion === 'string' ? result.protocolVersion : undefined };
}

export function sessionHeaders(session: LegacySession | undefined): Readonly<Record<string, string>> {
  return {
    ...(session?.id === undefined ? {} : { 'mcp-session-id': session.id }),
    ...(session?.version === undefined ? {} : { 'mcp-protocol-version': session.version }),
  };
}
