import { cutText, writeJson, type JsonObject, type ToolResult } from '@gatehouse-mcp/openapi-tools';
import { isRecord } from '../../catalog/servers/expected-answer.js';
import { GatewayError } from '../../errors/gateway.error.js';

const GARBAGE = { code: 'upstream_malformed', status: 502 };

/** Characters of a token, for budgets that operators give in tokens. */
const CHARACTERS_PER_TOKEN = 4;
const MOST_BLOCKS = 1_000;

/** Members that a block of each type must have as text. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = { text: ['text'], image: ['data', 'mimeType'], audio: ['data', 'mimeType'], resource_link: ['uri', 'name'], resource: [] };

/** What a result asks of the client: a gateway passes it on to nobody. */
export const asksForInput = (result: JsonObject): boolean => result['resultType'] === 'input_required' || isRecord(result['inputRequests']);

/**
 * A server's result as a tool result: blocks as MCP has them, text and structured content within the budget.
 * @param upstream in words
 * @throws GatewayError for what is no result
 */
export function toToolResult(upstream: string, result: JsonObject, maxTokens: number): ToolResult {
  if (asksForInput(result)) throw new GatewayError(GARBAGE, `${upstream} asks its user for something, which a gateway does not pass on`);
  const { content = [], structuredContent, isError } = result;
  if (!Array.isArray(content) || content.length > MOST_BLOCKS || !content.every(isBlock)) throw new GatewayError(GARBAGE, `${upstream} sent a result that is none of MCP's`);
  const room = maxTokens * CHARACTERS_PER_TOKEN;
  const structuredJson = isRecord(structuredContent) ? writeJson(structuredContent) : undefined;
  if (structuredJson !== undefined && structuredJson.length > room) throw new GatewayError(GARBAGE, `${upstream} sent structured content of ${structuredJson.length} characters, and ${room} are taken; ask for less`);
  // Each has just been seen to be one of MCP's blocks.
  const blocks = fitTexts(content, room) as unknown as ToolResult['content'];
  return { content: blocks, isError: isError === true, ...(structuredJson === undefined ? {} : { structuredJson }) };
}

function isBlock(block: unknown): block is JsonObject {
  if (!isRecord(block) || typeof block['type'] !== 'string') return false;
  const members = Object.hasOwn(BLOCKS, block['type']) ? BLOCKS[block['type']] : undefined;
  if (members === undefined || !members.every((name) => typeof block[name] === 'string')) return false;
  if (block['type'] !== 'resource') return true;
  const { resource } = block;
  return isRecord(resource) && typeof resource['uri'] === 'string' && (typeof resource['text'] === 'string' || typeof resource['blob'] === 'string');
}

/** Texts share the room in their order; what is left out is said. */
function fitTexts(blocks: readonly JsonObject[], room: number): readonly JsonObject[] {
  let left = room;
  return blocks.map((block) => {
    if (typeof block['text'] !== 'string') return block;
    const { text, isCut } = cutText(block['text'], left);
    left -= text.length;
    return isCut ? { ...block, text: `${text}\n[cut: ${text.length} of ${block['text'].length} characters are shown]` } : block;
  });
}
