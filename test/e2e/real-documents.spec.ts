import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { importApi } from '../../src/catalog/catalog.js';
import { liveSchema } from '../../src/config/configuration.schema.js';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { realDocuments } from './real-documents.expectations.js';
import { withBoundary, type DocumentExpectation, type RequestExpectation } from './real-documents/request.expectation.js';

const folder = resolve(import.meta.dirname, '../../../shared/openapi');
const isMissing = !existsSync(folder);
const suite = isMissing ? describe.skip : describe;
const label = isMissing ? ' (skipped: ../shared/openapi is not there)' : '';

/** The APIs' names: short, so that few tool names are too long with them. */
const NAMES: Readonly<Record<string, string>> = { 'jira.json': 'jira', 'kubernetes-v3.json': 'k', 'stripe-2022-04-v3.json': 's', 'gitlab.json': 'g' };
/** Tool names are cut at 44 characters, the API's name included. */
const LONGEST_NAME = 44;
const BASE_PATH = '/base/path';

interface Listed {
  readonly name: string;
  readonly inputSchema: object;
}

/** What the three official clients have in common, for a test. */
interface ConnectedClient {
  readonly version: string | undefined;
  list(cursor?: string): Promise<{ readonly tools: readonly Listed[]; readonly nextCursor?: string | undefined }>;
  call(name: string, args: Record<string, unknown>): Promise<{ readonly isError?: boolean | undefined; readonly content?: unknown }>;
  close(): Promise<void>;
}

type Connect = (url: URL, headers: Record<string, string>) => Promise<ConnectedClient>;

const clients: readonly (readonly [name: string, version: string, connect: Connect])[] = [
  ['SDK v1', '2025-11-25', connectV1],
  ['SDK v2, modern', '2026-07-28', (url, headers) => connectV2(url, headers, { pin: '2026-07-28' })],
  ['SDK v2, legacy', '2025-11-25', (url, headers) => connectV2(url, headers, 'legacy')],
];

if (isMissing && process.env['CI'] === 'true') {
  it('CI has the real documents at ../shared/openapi', () => {
    expect(existsSync(folder)).toBe(true);
  });
}

suite(`real documents through the gateway${label}`, () => {
  const apis = realDocuments.map((expectation) => ({ ...expectation, api: NAMES[expectation.file] ?? expectation.file }));
  let gateway: TestGateway;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({
      tenants: ['acme'],
      change: (settings) => {
        const [items] = settings['apis'] as Record<string, unknown>[];
        // The lists are looked at whole here.
        settings['tools'] = { searchAbove: false };
        settings['apis'] = apis.map(({ file, api }) => ({ ...items, name: api, openapi: `file:${join(folder, file)}`, baseUrl: gatewayBase(items) }));
      },
    });
    token = await gateway.token({ scope: allScopes(apis).join(' ') });
  }, 60_000);
  afterAll(() => gateway.stop());

  describe.each(clients)('with the official client (%s)', (_, version, connect) => {
    let client: ConnectedClient;
    let listed: readonly Listed[];

    beforeAll(async () => {
      client = await connect(new URL('/mcp', gateway.url), { authorization: `Bearer ${token}` });
      listed = await listAll(client);
    }, 60_000);
    afterAll(() => client?.close());

    it('speaks the revision that this run is about', () => {
      expect(client.version).toBe(version);
    });

    it.each(apis)('lists every operation of $file that the import report calls usable', ({ file, api, operations }) => {
      const usable = readReport(file, api).filter(({ status }) => status !== 'skipped');
      const tools = listed.filter(({ name }) => name.startsWith(`${api}_`));
      expect(usable).toHaveLength(operations);
      expect(new Set(tools.map(({ name }) => name)).size).toBe(operations);
      expect(tools).toHaveLength(operations);
      for (const tool of tools) expect(tool.inputSchema).toMatchObject({ type: 'object' });
    });

    describe.each(apis)('calls operations of $file', ({ api, requests }) => {
      it('has at least ten of them', () => {
        expect(requests.length).toBeGreaterThanOrEqual(10);
      });

      it.each(requests)('$tool: $shows', async (expectation) => {
        const before = gateway.upstream.requests.length;
        gateway.upstream.answerWith(() => ({ body: '{"answered":true}' }));
        const result = await client.call(listedName(listed, api, expectation), expectation.arguments);
        expect(result).toMatchObject({ content: [{ type: 'text', text: '{"answered":true}' }] });
        expect(result.isError ?? false).toBe(false);
        expect(gateway.upstream.requests).toHaveLength(before + 1);
        const { method, path, query, headers, body } = gateway.upstream.last;
        const expected = withBoundary(expectation, headers['content-type']);
        // A content type is compared where none is expected too.
        const named = Object.fromEntries([...Object.keys(expected.headers), 'content-type'].map((name) => [name, headers[name]]));
        expect({ method, path, query, headers: named, body: body.toString() }).toEqual({
          method: expected.method,
          path: BASE_PATH + expected.path,
          query: expected.query,
          headers: expected.headers,
          body: expected.body ?? '',
        });
        expect(headers['authorization']).toMatch(/^Bearer /);
        expect(headers['authorization']).not.toContain(token);
      });
    });
  });
});

/** The recording server in place of whatever server the document names. */
function gatewayBase(items: Record<string, unknown> | undefined): string {
  return new URL(String(items?.['baseUrl'])).origin + BASE_PATH;
}

function readReport(file: string, name: string) {
  const { apis } = liveSchema.parse({
    providers: { corp: { preset: 'oidc', issuer: 'https://idp.example' } },
    tenants: { acme: { rules: [{ provider: 'corp' }] } },
    apis: [{ name, tenant: 'acme', openapi: `file:${file}`, credentials: [{ type: 'none' }] }],
  });
  return importApi(apis[0]!, { document: readFileSync(join(folder, file)), externals: {} }).report;
}

/** Every OAuth scope of the documents, read from their security schemes and not by our index. */
function allScopes(documents: readonly DocumentExpectation[]): readonly string[] {
  interface Flows {
    readonly components?: { readonly securitySchemes?: Record<string, { readonly flows?: Record<string, { readonly scopes?: Record<string, string> }> }> };
  }
  const scopes = documents.flatMap(({ file }) => {
    const { components } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Flows;
    const flows = Object.values(components?.securitySchemes ?? {}).flatMap((scheme) => Object.values(scheme.flows ?? {}));
    return flows.flatMap((flow) => Object.keys(flow.scopes ?? {}));
  });
  return [...new Set(scopes)];
}

async function listAll(client: ConnectedClient): Promise<readonly Listed[]> {
  const tools: Listed[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await client.list(cursor);
    tools.push(...page.tools);
    cursor = page.nextCursor;
    if (cursor !== undefined && seen.has(cursor)) throw new Error(`the cursor ${cursor} came twice`);
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
  return tools;
}

/** The name as the gateway gives it: the API's in front, and a hash at the end of one that is too long with it. */
function listedName(listed: readonly Listed[], api: string, { tool }: RequestExpectation): string {
  const full = `${api}_${tool}`;
  const cut = new RegExp(`^${full.slice(0, LONGEST_NAME - 7)}_[0-9a-z]{6}$`);
  const names = listed.map(({ name }) => name).filter((name) => (full.length <= LONGEST_NAME ? name === full : cut.test(name)));
  if (names.length !== 1) throw new Error(`${names.length} tools are named ${full}`);
  return names[0]!;
}

async function connectV1(url: URL, headers: Record<string, string>): Promise<ConnectedClient> {
  const client = new ClientV1({ name: 'old', version: '1' });
  const transport = new TransportV1(url, { requestInit: { headers } });
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    list: (cursor) => client.listTools(cursor === undefined ? {} : { cursor }),
    call: async (name, args) => (await client.callTool({ name, arguments: args })) as { isError?: boolean; content?: unknown },
    close: () => client.close(),
  };
}

async function connectV2(url: URL, headers: Record<string, string>, mode: VersionNegotiationMode): Promise<ConnectedClient> {
  const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return {
    version: client.getNegotiatedProtocolVersion(),
    list: (cursor) => client.listTools(cursor === undefined ? {} : { cursor }),
    call: (name, args) => client.callTool({ name, arguments: args }),
    close: () => client.close(),
  };
}
