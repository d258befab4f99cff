import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PartProcess } from './part.process.js';
import { StartError } from './start.error.js';
import { StateFolder } from './state.folder.js';

let scratch: string;
let folder: StateFolder;
const parts: PartProcess[] = [];

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
  folder = new StateFolder(scratch);
  folder.create('environment: development\n');
});
afterEach(async () => {
  for (const part of parts.splice(0)) await part.stop();
});
afterAll(() => rmSync(scratch, { recursive: true }));

function start(script: string, readyMs = 10_000): PartProcess {
  const file = join(scratch, 'part.mjs');
  writeFileSync(file, script);
  const part = new PartProcess({ name: 'part', args: [file], env: process.env, folder, readyMs });
  parts.push(part);
  return part;
}

describe('a part of the demo', () => {
  it('is ready when it says so, and stops when told', async () => {
    const part = start(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); process.send({ ready: true, port: 1 }); setInterval(() => {}, 1000);`);
    await part.waitForMessage();
    await part.stop();
    expect(await part.ended).toBe('exit code 0');
    expect(readFileSync(folder.logFile('part'), 'utf8')).toBe('bye\n');
  });

  it('that refuses is reported with its own reason', async () => {
    const part = start(`process.send({ failed: 'no such thing' }, () => process.exit(1));`);
    await expect(part.waitForMessage()).rejects.toThrow('part did not start: no such thing');
  });

  it('that ends early is reported with the tail of its log', async () => {
    const part = start(`console.error('first'); console.error('last words'); process.exit(3);`);
    const failure: unknown = await part.waitForUrl('http://127.0.0.1:9/readyz').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect(failure).toMatchObject({ message: expect.stringContaining('it ended with exit code 3'), logTail: 'first\nlast words' });
  });

  it("that ends with the gateway's one line is reported with that line alone", async () => {
    const part = start(`console.error('{"level":50}'); console.error('gatehouse: no disk space left'); process.exit(1);`);
    await expect(part.waitForUrl('http://127.0.0.1:9/readyz')).rejects.toMatchObject({ message: 'part did not start: no disk space left', logTail: '' });
  });

  it('that is never ready is given up after the deadline', async () => {
    const part = start(`setInterval(() => {}, 1000);`, 300);
    await expect(part.waitForMessage()).rejects.toThrow('it was not ready after 0.3 s');
  });

  it('is asked until its URL answers 200', async () => {
    const part = start(`
      import { createServer } from 'node:http';
      let asked = 0;
      const server = createServer((request, response) => response.writeHead(++asked < 3 ? 503 : 200).end());
      server.listen(0, '127.0.0.1', () => process.send({ ready: true, port: server.address().port }));`);
    const port = await new Promise<number>((resolve) => part['child'].once('message', (message) => resolve((message as { port: number }).port)));
    const before = performance.now();
    await part.waitForUrl(`http://127.0.0.1:${port}/readyz`);
    expect(performance.now() - before).toBeGreaterThan(150);
  });
});
