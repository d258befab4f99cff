/** A block of an MCP tool result, in the shapes that every protocol revision has; a `resource_link` since 2025-06-18. */
export type ContentBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string }
  | { readonly type: 'resource'; readonly resource: { readonly uri: string; readonly mimeType: string; readonly blob: string } }
  | { readonly type: 'resource_link'; readonly uri: string; readonly name: string; readonly mimeType: string; readonly size: number; readonly description: string };

export interface ToolResult {
  readonly content: readonly ContentBlock[];
  /** JSON text of `structuredContent`; its root is always an object. */
  readonly structuredJson?: string;
  readonly isError: boolean;
}

export const textBlock = (text: string): ContentBlock => ({ type: 'text', text });
