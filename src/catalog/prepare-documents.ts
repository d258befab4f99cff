import { createEgressAgent, type Egress } from '@gatehouse-mcp/egress';
import { DocumentError, type OperationReport, type Repair } from '@gatehouse-mcp/openapi-tools';
import { ConfigurationError, type ConfigurationProblem } from '../config/configuration.error.js';
import type { ApiSettings, LiveSettings } from '../config/configuration.schema.js';
import { hashSource, type ApiSource } from './api.source.js';
import { importApi } from './catalog.js';
import type { OpenapiEntry } from './entry.js';
import type { Validators } from './document.fetch.js';
import { describeReadFailure, SourceReader } from './source.reader.js';

/** A document that was read and can be imported. */
export interface PreparedDocument {
  readonly api: ApiSettings;
  readonly source: ApiSource;
  readonly overlays: readonly string[];
  readonly validators: Validators;
  readonly hash: string;
  readonly tools: number;
  /** `api.operation` of each tool, as patterns of the configuration name it. */
  readonly paths: readonly string[];
  readonly report: readonly OperationReport[];
  readonly notes: readonly Repair[];
}

/**
 * Reads and imports the OpenAPI document of every API, before anything is changed.
 * @param folder that `file:` references are relative to
 * @param egress of the same settings
 * @throws ConfigurationError naming every document that is missing or unreadable as a whole
 */
export async function prepareDocuments({ apis }: LiveSettings, folder: string, egress: Egress): Promise<readonly PreparedDocument[]> {
  const agent = createEgressAgent(() => egress);
  const problems: ConfigurationProblem[] = [];
  const prepared: PreparedDocument[] = [];
  try {
    for (const [index, api] of apis.entries()) {
      try {
        const reader = new SourceReader(folder, agent.forTenant(api.tenant));
        prepared.push(await prepareDocument(reader, api, (key, message) => problems.push({ path: `apis[${index}].${key}`, message })));
      } catch (error) {
        problems.push({ path: `apis[${index}].${keyAtFault(error)}`, message: describeReadFailure(error) });
      }
    }
  } finally {
    await agent.destroy();
  }
  if (problems.length > 0) throw new ConfigurationError('the configuration', problems);
  return prepared;
}

async function prepareDocument(reader: SourceReader, api: ApiSettings, report: (key: string, message: string) => void): Promise<PreparedDocument> {
  const read = await reader.read(api);
  if (!read) throw new Error('an unconditional read cannot answer "the same"');
  const overlays = await reader.readOverlays(api).catch((error: unknown) => {
    throw new DocumentError('overlay', describeReadFailure(error), { cause: error });
  });
  const imported = importApi(api, read.source, overlays);
  const [first] = imported.entries;
  if (first && !first.compiled.serverBase(api.baseUrl)) report('baseUrl', 'is missing: the document names no server that can be called');
  for (const { code, message } of imported.notes) if (code === 'unknown-override') report('overrides', message);
  for (const entry of imported.entries) for (const message of argumentProblems(entry)) report('overrides', message);
  return { api, ...read, overlays, hash: hashSource(read.source), tools: imported.entries.length, paths: imported.entries.map(({ path }) => path), report: imported.report, notes: imported.notes };
}

/** What is wrong in what the operator says of an operation's arguments; that is known once it is compiled, which only these are here. */
function argumentProblems(entry: OpenapiEntry): readonly string[] {
  const { api, operation } = entry;
  const { overrides } = api.settings;
  const isOwn = [operation.key, operation.operationId ?? operation.key].some((name) => Object.hasOwn(overrides, name) && overrides[name]?.arguments !== undefined);
  if (!isOwn) return [];
  const isAboutArguments = (at: string): boolean => at.startsWith(`${operation.pointer} (argument `);
  return entry.compiled.repairs.filter(({ code, at }) => (code === 'invalid-override' || code === 'unknown-override') && isAboutArguments(at)).map(({ message }) => `${operation.key}: ${message}`);
}

/** The setting that a failure is about. */
function keyAtFault(error: unknown): 'overlay' | 'openapi' {
  return error instanceof DocumentError && error.code === 'overlay' ? 'overlay' : 'openapi';
}
