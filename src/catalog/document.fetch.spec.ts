import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgressAgent, Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fetchDocument, LARGEST_DOCUMENT } from './document.fetch.js';

let server: Server;
let url: string;
let answer: RequestListener = () => undefined;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openapi.json`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

async function fetchFrom(listener: RequestListener, known = {}, allow = ['127.0.0.1']) {
  answer = listener;
  const egress = new Egress(new EgressPolicy(allow));
  const agent = createEgressAgent(() => egress);
  try {
    return await fetchDocument(url, agent, known);
  } finally {
    await agent.destroy();
  }
}

describe('a document at an address', () => {
  it('comes with what to ask again with, and is "the same" when that still holds', async () => {
    const listener: RequestListener = ({ headers }, response) => {
      const isKnown = headers['if-none-match'] === '"v1"' && headers['if-modified-since'] === 'Sat, 21 Nov 2026 00:00:00 GMT';
      response.writeHead(isKnown ? 304 : 200, { etag: '"v1"', 'last-modified': 'Sat, 21 Nov 2026 00:00:00 GMT' }).end(isKnown ? undefined : '{}');
    };
    const first = await fetchFrom(listener);
    expect(first).toEqual({ kind: 'document', bytes: Buffer.from('{}'), validators: { etag: '"v1"', lastModified: 'Sat, 21 Nov 2026 00:00:00 GMT' } });
    expect(await fetchFrom(listener, first.kind === 'document' ? first.validators : {})).toEqual({ kind: 'same' });
  });

  it('is read up to a limit, however long the answer goes on', async () => {
    let sent = 0;
    const endless: RequestListener = (_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      response.on('drain', more);
      more();
    };
    await expect(fetchFrom(endless)).rejects.toThrow(`the document is larger than ${LARGEST_DOCUMENT} bytes`);
    expect(sent).toBeLessThan(2 * LARGEST_DOCUMENT);
  });

  it('is not followed to another place, which is named instead', async () => {
    await expect(fetchFrom((_, response) => response.writeHead(302, { location: 'https://elsewhere.example/' }).end())).rejects.toThrow(
      'the address answered 302 with a redirect to https://elsewhere.example/, which is not followed; name that address itself',
    );
  });

  it('is not connected where the policy does not allow it', async () => {
    let isAsked = false;
    const asked: RequestListener = (_, response) => {
      isAsked = true;
      response.end();
    };
    await expect(fetchFrom(asked, {}, [])).rejects.toThrow(/egress to 127\.0\.0\.1:\d+ \(127\.0\.0\.1\) is not allowed/);
    expect(isAsked).toBe(false);
  });
});
