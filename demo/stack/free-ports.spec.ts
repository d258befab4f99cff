import { describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import { listenOnLoopback } from '../loopback/listen.js';
import { assertPortsFree } from './free-ports.js';
import { describeSystemError } from './start.error.js';

const answerNothing = (_request: unknown, response: { end(): void }): void => response.end();

describe('a port that is taken', () => {
  it.each(['127.0.0.1', '::1'])('is named, with --port-base as the way around it (on %s)', async (host) => {
    const free = await listenOnLoopback(answerNothing, 0);
    await free.close();
    const taken = createServer(answerNothing);
    await new Promise<void>((resolve) => taken.listen(free.port, host, resolve));
    const ports = { authorizationServer: free.port, ordersApi: free.port, wikiServer: free.port, gateway: free.port };
    await expect(assertPortsFree(ports, 3000)).rejects.toThrow(`port ${free.port} (the authorization server) is in use: stop what listens there, or move all ports with --port-base 4000`);
    await new Promise((resolve) => taken.close(resolve));
    await assertPortsFree(ports, 3000);
  });
});

describe('what the system refuses', () => {
  it.each([
    ['ENOSPC', 'no space is left on the disk'],
    ['EROFS', 'the file system is read-only'],
    ['EACCES', 'permission is denied'],
  ])('is one clear line: %s', (code, words) => {
    expect(describeSystemError('/x cannot be written', Object.assign(new Error('long words'), { code })).message).toBe(`/x cannot be written: ${words}`);
  });
});
