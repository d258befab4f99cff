import { createEgressAgent, Egress, EgressPolicy, hostAndPort } from '@gatehouse-mcp/egress';
import { DocumentError, loadDocument, type ApiDocument } from '@gatehouse-mcp/openapi-tools';
import { documentUrl, isAddress } from '../../catalog/api.source.js';
import { describeReadFailure, SourceReader } from '../../catalog/source.reader.js';

/** A document that a person names on the command line: a file or an address, either of which they may read themselves. */
export interface DocumentSource {
  /** As it was written. */
  readonly name: string;
  /** Overlay files or addresses, applied in order. */
  readonly overlays: readonly string[];
  /** Beginnings of the addresses and paths from which other files may be read that the document refers to. */
  readonly allowedReferences: readonly string[];
}

/**
 * Reads and loads the document.
 * @throws DocumentError naming the source and what is wrong with it
 */
export async function openDocument({ name, overlays, allowedReferences }: DocumentSource): Promise<ApiDocument> {
  // What was named is approved, loopback too; nothing else is.
  const egress = new Egress(new EgressPolicy([name, ...overlays, ...allowedReferences].filter(isAddress).map((address) => hostAndPort(new URL(address)))));
  const agent = createEgressAgent(() => egress);
  const reader = new SourceReader(process.cwd(), agent);
  const settings = { openapi: isAddress(name) ? name : `file:${name.replace(/^file:/, '')}`, overlay: overlays, references: allowedReferences };
  try {
    const read = await reader.read(settings);
    const texts = await reader.readOverlays(settings);
    const { document, externals } = read?.source ?? { document: Buffer.alloc(0), externals: {} };
    return loadDocument(document, { url: documentUrl(settings.openapi), overlays: texts, externals: new Map(Object.entries(externals)) });
  } catch (error) {
    throw new DocumentError(error instanceof DocumentError ? error.code : 'unreadable', `${name}: ${describeReadFailure(error)}`, { cause: error });
  } finally {
    await agent.destroy();
  }
}
