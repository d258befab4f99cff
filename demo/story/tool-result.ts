import type { CallToolResult } from '@modelcontextprotocol/client';

export function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** The JSON object that a tool answered with. */
export function readObject(result: CallToolResult): Readonly<Record<string, unknown>> {
  const value: unknown = result.structuredContent ?? parseJson(textOf(result));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
