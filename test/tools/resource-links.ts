import type { McpAnswer } from './mcp-messages.js';

/** What a test reads of a link. */
export interface ResourceLink {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string;
  readonly size: number;
  readonly description: string;
}

/** The links of a tool's result. */
export const linksOf = ({ result }: Pick<McpAnswer, 'result'>): readonly ResourceLink[] => (result.content as readonly unknown[]).filter((block): block is ResourceLink => (block as ResourceLink).type === 'resource_link');

/** A link as its address is made, by whoever knows how. */
export const forgeLink = (tool: string, args: unknown): string => `gatehouse://answers/${tool}/${Buffer.from(typeof args === 'string' ? args : JSON.stringify(args)).toString('base64url')}`;
