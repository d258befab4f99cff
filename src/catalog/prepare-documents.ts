import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createCheckedAgent, EgressError, EgressPolicy } from '@gatehouse-mcp/egress';
import { describeFailure, errorCode } from '@gatehouse-mcp/oauth';
import { DocumentError, type OperationReport } from '@gatehouse-mcp/openapi-tools';
import { type Dispatcher, request } from 'undici';
import { ConfigurationError, type ConfigurationProblem } from '../config/configuration.error.js';
import type { ApiSettings, LiveSettings } from '../config/configuration.schema.js';
import { importApi } from './catalog.js';

const LARGEST_DOCUMENT = 32 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 20_000;

/** A document that was read and can be imported. */
export interface PreparedDocument {
  readonly api: ApiSettings;
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  readonly tools: number;
  readonly report: readonly OperationReport[];
}

/**
 * Reads and imports the OpenAPI document of every API, before anything is changed.
 * @param folder that `file:` references are relative to
 * @throws ConfigurationError naming every document that is missing or unreadable as a whole
 */
export async function prepareDocuments({ apis, egress }: LiveSettings, folder: string): Promise<readonly PreparedDocument[]> {
  const agent = createCheckedAgent(() => new EgressPolicy(egress.allow));
  const problems: ConfigurationProblem[] = [];
  const prepared: PreparedDocument[] = [];
  try {
    for (const [index, api] of apis.entries()) {
      try {
        const bytes = await readDocument(api.openapi, folder, agent);
        const { entries, report } = importApi(api, bytes);
        if (entries[0] && !entries[0].compiled.serverBase(api.baseUrl)) {
          problems.push({ path: `apis[${index}].baseUrl`, message: 'is missing: the document names no server that can be called' });
        }
        prepared.push({ api, bytes, hash: createHash('sha256').update(bytes).digest('hex'), tools: entries.length, report });
      } catch (error) {
        problems.push({ path: `apis[${index}].openapi`, message: describeProblem(error) });
      }
    }
  } finally {
    await agent.destroy();
  }
  if (problems.length > 0) throw new ConfigurationError('the configuration', problems);
  return prepared;
}

async function readDocument(reference: string, folder: string, dispatcher: Dispatcher): Promise<Buffer> {
  if (reference.startsWith('file:')) return readFile(resolve(folder, reference.slice('file:'.length)));
  const { statusCode, body } = await request(reference, { dispatcher, signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (statusCode !== 200) {
    await body.dump();
    throw new DocumentError('not_a_document', `the address answered ${statusCode}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > LARGEST_DOCUMENT) throw new DocumentError('too_large', `the document is larger than ${LARGEST_DOCUMENT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function describeProblem(error: unknown): string {
  if (error instanceof DocumentError || error instanceof EgressError) return error.message;
  if (errorCode(error) === 'ENOENT') return 'the file does not exist';
  return `cannot be read: ${describeFailure(error)}`;
}
