import { essenceOf, textTypeOf } from '../media-type.js';
import { shapeResult, type ShapeOptions, type UpstreamResponse } from './shape-result.js';

/** An answer as the contents of an MCP resource: text, bytes in base64, or what went wrong, in public words. */
export type WholeAnswer =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string }
  | { readonly error: string };

/**
 * What {@link shapeResult} makes of an upstream's answer, without its bounds: a projection holds here too. An answer of status 400
 * and above, one that a projection keeps back, and a stream that was ended early are errors. Never throws.
 */
export function readWhole(response: UpstreamResponse, { projection }: Pick<ShapeOptions, 'projection'> = {}): WholeAnswer {
  const { content, isError, structuredJson } = shapeResult(response, { ...(projection === undefined ? {} : { projection }), maxText: Infinity, maxBinary: Infinity });
  const [block] = content;
  if (isError) return { error: block?.type === 'text' ? block.text : '' };
  if (response.isPartial === true) return { error: 'the answer is a stream without an end, which can only be read in part' };
  if (block?.type === 'image' || block?.type === 'audio') return { mimeType: block.mimeType, blob: block.data };
  if (block?.type === 'resource') return { mimeType: block.resource.mimeType, blob: block.resource.blob };
  const contentType = response.headers['content-type'];
  const essence = projection === undefined ? essenceOf((typeof contentType === 'string' ? contentType : contentType?.[0]) ?? '') : '';
  // The text of an empty answer is its status line.
  const text = block?.type === 'text' && response.body.byteLength > 0 ? block.text : '';
  return { mimeType: textTypeOf(essence, structuredJson !== undefined), text };
}
