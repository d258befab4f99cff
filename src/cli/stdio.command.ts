import { parseArgs } from 'node:util';
import { compileOperation, DocumentError, indexOperations, parseServerBase, serverOrigins, type ApiDocument, type CompiledOperation } from '@gatehouse-mcp/openapi-tools';
import { LocalTools } from '../calls/local.tools.js';
import { matchesPattern } from '../catalog/entry-pattern.js';
import { duration } from '../config/configuration.values.js';
import type { Environment } from '../config/environment.js';
import { serveStdio } from '../mcp/stdio/stdio.server.js';
import { readCommandInput } from './configured.command.js';
import { describeMissingCredentials } from './credential-hint.js';
import { readHeaders } from './header.option.js';
import { longestName, readProfile } from './openapi/client-profile.option.js';
import { openDocument } from './openapi/document.source.js';
import { UsageError } from './usage.error.js';

const OPTIONS = {
  openapi: { type: 'string' },
  'base-url': { type: 'string' },
  header: { type: 'string', multiple: true },
  overlay: { type: 'string', multiple: true },
  'allow-ref': { type: 'string', multiple: true },
  include: { type: 'string', multiple: true },
  profile: { type: 'string' },
  timeout: { type: 'string', default: '30s' },
  'search-above': { type: 'string' },
} as const;

/** Serves one document's tools over stdio to the program that started it. Everything but the protocol goes to stderr. */
export async function stdio(args: readonly string[], environment: Environment): Promise<number> {
  if (isConfigured(args)) return (await import('./stdio-config.command.js')).stdioOfConfiguration(readCommandInput(args, environment));
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.openapi === undefined) throw new UsageError('stdio needs --openapi FILE|URL, or --config FILE');
  const profile = readProfile(values.profile);
  const timeout = duration.safeParse(values.timeout);
  if (!timeout.success) throw new UsageError('--timeout must be a duration such as 30s or 5m');
  const searchAbove = readSearchAbove(values['search-above']);
  const baseUrl = values['base-url'];
  if (baseUrl !== undefined && !parseServerBase(baseUrl)) throw new UsageError('--base-url must be an http or https URL without user name and password');
  const headers = readHeaders(values.header ?? [], environment);
  const document = await openDocument({ name: values.openapi, overlays: values.overlay ?? [], allowedReferences: values['allow-ref'] ?? [] });
  const operations = compileIncluded(document, values.include, profile);
  const origins = new Set([...serverOrigins(document), ...(baseUrl === undefined ? [] : [new URL(baseUrl).origin])]);
  assertCallable(operations, baseUrl, values.openapi);
  const upstream = { api: document.title, origins, headers, timeout: timeout.data, ...(baseUrl === undefined ? {} : { baseUrl }) };
  const tools = new LocalTools(operations, upstream, { searchAbove, profile: profile.name });
  console.error(`Gatehouse serves ${operations.length} tools of ${document.title} over stdio; calls go to ${[...origins].join(', ')}.`);
  const hint = describeMissingCredentials(operations.map(({ operation }) => operation), headers.map(([name]) => name));
  if (hint !== undefined) console.error(hint);
  console.error('A local server for one person: it knows no users or tenants, writes no audit trail, and sends the headers given to it.');
  try {
    await serveStdio(tools, process.stdin, process.stdout, (error) => console.error(`gatehouse: ${error.message}`));
  } finally {
    await tools.close();
  }
  return 0;
}

/** The configured gateway is another program: everything that serves one document would be loaded for nothing. */
const isConfigured = (args: readonly string[]): boolean => args.some((argument) => /^(?:--config(?:=|$)|-c)/.test(argument));

function readSearchAbove(text: string | undefined): number | false {
  if (text === undefined) return false;
  if (!/^\d{1,6}$/.test(text)) throw new UsageError('--search-above must be a number of tools');
  return Number(text);
}

function compileIncluded(document: ApiDocument, include: readonly string[] | undefined, profile: ReturnType<typeof readProfile>): readonly CompiledOperation[] {
  const { operations, report } = indexOperations(document, { maxNameLength: longestName(profile) });
  const wanted = operations.filter(({ name, operationId, path, key }) =>
    include?.some((pattern) => [name, operationId ?? name, path, key].some((text) => matchesPattern(pattern, text))) ?? true,
  );
  for (const { key, reason } of report.filter(({ status }) => status === 'skipped')) console.error(`skipped ${key}: ${reason}`);
  if (wanted.length === 0 && operations.length > 0) throw new UsageError(`--include ${include?.join(' ')} matches none of the ${operations.length} operations`);
  return wanted.map((operation) => compileOperation(document, operation, { profile }));
}

/** Without any server every call would fail: better said at the start. */
function assertCallable(operations: readonly CompiledOperation[], baseUrl: string | undefined, source: string): void {
  if (operations.length === 0 || operations.some((compiled) => compiled.serverBase(baseUrl))) return;
  throw new DocumentError('no_server', `${source}: the document names no server that can be called; give --base-url`);
}
