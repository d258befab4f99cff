import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UrlElicitationRequiredError } from '@modelcontextprotocol/sdk/types.js';
import { startPages, type TestPages } from '../tools/pages.js';
import { forgeLink } from '../tools/resource-links.js';

let pages: TestPages;
let url: URL;

beforeAll(async () => {
  pages = await startPages();
  url = new URL(`${pages.gateway.url}/mcp`);
});
afterAll(() => pages.stop());

const withToken = async (sub: string) => ({ requestInit: { headers: { authorization: `Bearer ${await pages.gateway.token({ sub })}` } } });
const tool = { name: 'issues_getItem', arguments: { id: '1' } };
const uri = forgeLink(tool.name, tool.arguments);

/** What a person does who is shown the link. */
async function connectBy(link: string, sub: string): Promise<void> {
  const { browser } = await pages.signIn({ sub });
  const page = await browser.open(link);
  const onTheWay = await browser.submit(page, '/connections/to/tracker/connect');
  expect((await browser.open(onTheWay.next!)).html).toContain('Issue tracker is connected.');
}

describe('a call that needs an account which its user has not connected', () => {
  it('is answered with input_required in the modern era: the client opens the link, repeats the call by itself, and has its answer', async () => {
    const links: string[] = [];
    const client = new Client({ name: 'new', version: '1' }, { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      const link = 'url' in params ? params.url : '';
      links.push(link);
      await connectBy(link, 'mona');
      return { action: 'accept' };
    });
    await client.connect(new StreamableHTTPClientTransport(url, await withToken('mona')));
    const result = await client.callTool(tool);
    expect(result.isError).toBeFalsy();
    expect(links).toEqual([expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/connections\/to\/tracker\?for=ey/)]);
    expect(String(pages.gateway.upstream.last.headers['authorization'])).toMatch(/^Bearer at-/);
    await client.close();
  });

  it('is answered with -32042 in the legacy era, of the SDK v1, and succeeds when it is repeated', async () => {
    const client = new ClientV1({ name: 'old', version: '1' }, { capabilities: { elicitation: { url: {} } } });
    await client.connect(new TransportV1(url, await withToken('nils')));
    const error: unknown = await client.callTool(tool).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UrlElicitationRequiredError);
    const [elicitation] = (error as UrlElicitationRequiredError).elicitations;
    await connectBy(elicitation!.url, 'nils');
    expect((await client.callTool(tool)).isError).toBeFalsy();
    await client.close();
  });

  it.each<[string, VersionNegotiationMode]>([
    ['legacy', 'legacy'],
    ['modern', { pin: '2026-07-28' }],
  ])('is a tool error with a plain link for a client that opens no addresses (%s)', async (era, mode) => {
    const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(url, await withToken(`olga-${era}`)));
    const result = await client.callTool(tool);
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toMatch(/Ask the user to open this link, then call the tool again: http:\/\/127\.0\.0\.1:\d+\/connections\/to\/tracker\?for=/);
    await client.close();
  });
});

describe('reading a large answer that needs such an account', () => {
  it('is answered with input_required in the modern era, and has its answer when the user has connected', async () => {
    const client = new Client({ name: 'new', version: '1' }, { capabilities: { elicitation: { url: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      await connectBy('url' in params ? params.url : '', 'rita');
      return { action: 'accept' };
    });
    await client.connect(new StreamableHTTPClientTransport(url, await withToken('rita')));
    expect((await client.readResource({ uri })).contents).toEqual([{ uri, mimeType: 'application/json', text: '{}' }]);
    await client.close();
  });

  it('is answered with -32042 in the legacy era, and succeeds when it is repeated', async () => {
    const client = new ClientV1({ name: 'old', version: '1' }, { capabilities: { elicitation: { url: {} } } });
    await client.connect(new TransportV1(url, await withToken('saul')));
    const error: unknown = await client.readResource({ uri }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UrlElicitationRequiredError);
    await connectBy((error as UrlElicitationRequiredError).elicitations[0]!.url, 'saul');
    expect((await client.readResource({ uri })).contents).toHaveLength(1);
    await client.close();
  });

  it.each<[string, VersionNegotiationMode]>([
    ['legacy', 'legacy'],
    ['modern', { pin: '2026-07-28' }],
  ])('is an error with a plain link for a client that opens no addresses (%s)', async (era, mode) => {
    const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(url, await withToken(`tom-${era}`)));
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code: -32603,
      message: expect.stringMatching(/Ask the user to open this link, then read the resource again: http:\/\/127\.0\.0\.1:\d+\/connections\/to\/tracker\?for=/),
      data: { code: 'connection_required' },
    });
    await client.close();
  });
});
