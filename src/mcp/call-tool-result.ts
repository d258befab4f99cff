import type { ToolResult } from '@gatehouse-mcp/openapi-tools';
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/server';

/** How every server of ours names itself. */
export const IDENTITY = { name: 'gatehouse', title: 'Gatehouse', version: '0.1.0' };

/** The SDK's shape of a result; structured content is an empty object that its raw JSON text takes the place of. */
export function toCallToolResult({ content, isError, structuredJson }: ToolResult): CallToolResult {
  return {
    // The SDK's type is a mutable array of the same blocks.
    content: [...content] as ContentBlock[],
    ...(isError ? { isError } : {}),
    ...(structuredJson === undefined ? {} : { structuredContent: {} }),
  };
}

/** What the gateway itself says to a model. */
export function toText(text: string, isError = false): CallToolResult {
  return { content: [{ type: 'text', text }], ...(isError ? { isError } : {}) };
}
