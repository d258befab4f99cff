import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { createIssuerFetch } from './issuer-http.js';

const ANSWER = 'HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}';
const BODY = 'grant_type=refresh_token&refresh_token=one-time';

describe('beforeSending', () => {
  const agent = new Agent();
  const fetch = createIssuerFetch(agent, 5_000);
  let server: Server;
  let url: string;
  let connections: number;
  let received: string;

  beforeEach(async () => {
    [connections, received] = [0, ''];
    server = createServer((socket: Socket) => {
      connections += 1;
      socket.on('data', (chunk) => {
        received += chunk.toString();
        if (received.endsWith(BODY)) socket.write(ANSWER);
      });
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
  });

  const send = (beforeSending: () => Promise<void>) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: BODY, beforeSending });
  const aMoment = () => new Promise((resolve) => setTimeout(resolve, 50));

  it('is awaited with the connection open and before the first byte', async () => {
    let seen: unknown;
    const answer = await send(async () => {
      await aMoment();
      seen = { connections, received };
    });
    expect(seen).toEqual({ connections: 1, received: '' });
    // As without it: a length, no chunks, and the server's own status.
    expect([answer.status, await answer.text()]).toEqual([401, '{}']);
    expect(received).toMatch(new RegExp(`^POST /token HTTP/1.1\r\n(?:.*\r\n)*content-length: ${BODY.length}\r\n`));
    expect(received).not.toMatch(/transfer-encoding/i);
    await agent.close();
  });

  it('sends nothing when it throws', async () => {
    const other = new Agent();
    const refused = createIssuerFetch(other, 5_000)(url, { method: 'POST', body: BODY, beforeSending: () => Promise.reject(new Error('came too late')) });
    await expect(refused).rejects.toMatchObject({ cause: { message: 'came too late' } });
    await aMoment();
    expect([connections, received]).toEqual([1, '']);
    await other.destroy();
  });
});
