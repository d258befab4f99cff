import { readFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { EgressError } from '@gatehouse-mcp/egress';
import { describeFailure, errorCode } from '@gatehouse-mcp/oauth';
import { collectExternals, DocumentError, readRoot } from '@gatehouse-mcp/openapi-tools';
import type { Dispatcher } from 'undici';
import { isDocumentText } from '../config/openapi.values.js';
import { documentUrl, isAddress, type ApiSource } from './api.source.js';
import { fetchDocument, type Validators } from './document.fetch.js';
import { ReferenceAllowance } from './reference.allowance.js';

/** What an API's settings say about where its document is. */
export interface SourceSettings {
  /** `file:PATH`, an http(s) URL, or the text of the document. */
  readonly openapi: string;
  readonly overlay: readonly string[];
  readonly references: readonly string[];
}

export interface ReadSource {
  readonly source: ApiSource;
  readonly validators: Validators;
}

/** Reads documents from files, addresses and the configuration itself. The dispatcher decides which addresses may be connected. */
export class SourceReader {
  /** @param folder that `file:` references are relative to */
  constructor(
    private readonly folder: string,
    private readonly dispatcher: Dispatcher,
  ) {}

  /** @returns undefined when the address still has what `known` describes @throws DocumentError, or what reading threw */
  async read(settings: SourceSettings, known: Validators = {}): Promise<ReadSource | undefined> {
    const { openapi } = settings;
    if (isAddress(openapi)) {
      const fetched = await fetchDocument(openapi, this.dispatcher, known);
      return fetched.kind === 'same' ? undefined : { source: await this.#withExternals(settings, fetched.bytes), validators: fetched.validators };
    }
    const document = isDocumentText(openapi) ? Buffer.from(openapi) : await readFile(this.#pathOf(openapi));
    return { source: await this.#withExternals(settings, document), validators: {} };
  }

  /** Texts of the overlays, in order. */
  async readOverlays({ overlay }: SourceSettings): Promise<readonly string[]> {
    return Promise.all(overlay.map(async (reference) => (await this.#readText(reference)).toString('utf8')));
  }

  async #withExternals({ openapi, references }: SourceSettings, document: Buffer): Promise<ApiSource> {
    const allowance = new ReferenceAllowance(references, this.folder);
    if (allowance.isEmpty) return { document, externals: {} };
    const url = documentUrl(openapi);
    const { externals } = await collectExternals(readRoot(document), { url, read: (address) => this.#readExternal(address, openapi, allowance) });
    return { document, externals: Object.fromEntries(externals) };
  }

  async #readExternal(address: string, openapi: string, allowance: ReferenceAllowance): Promise<Buffer> {
    const target = new URL(address);
    if (target.protocol !== 'file:') {
      if (!allowance.allowsAddress(target)) throw new DocumentError('unreadable', 'the address is not one that "references" allows');
      return this.#readText(address);
    }
    const relative = posix.relative(posix.dirname(new URL(documentUrl(openapi)).pathname), decodeURIComponent(target.pathname));
    const path = await allowance.resolvePath(join(dirname(this.#pathOf(openapi)), relative));
    if (path === undefined) throw new DocumentError('unreadable', 'the file is not one that "references" allows');
    return readFile(path);
  }

  async #readText(reference: string): Promise<Buffer> {
    if (!isAddress(reference)) return readFile(this.#pathOf(reference));
    const fetched = await fetchDocument(reference, this.dispatcher);
    return fetched.kind === 'document' ? fetched.bytes : Buffer.alloc(0);
  }

  #pathOf(reference: string): string {
    return resolve(this.folder, isDocumentText(reference) ? 'openapi' : reference.replace(/^file:/, ''));
  }
}


/** Why a document cannot be read, in words for whoever named it. */
export function describeReadFailure(error: unknown): string {
  if (error instanceof DocumentError || error instanceof EgressError) return error.message;
  const code = errorCode(error);
  if (code === 'ENOENT') return 'the file does not exist';
  if (code === 'EISDIR') return 'this is a folder, not a file';
  return `cannot be read: ${describeFailure(error)}`;
}
