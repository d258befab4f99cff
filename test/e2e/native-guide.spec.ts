import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findFreePort } from '@gatehouse-mcp/testing';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startTestDatabase } from '../tools/postgres.js';
import { runGatehouse, serveGatehouse } from '../tools/served.process.js';

const guide = readFileSync(resolve(import.meta.dirname, '../../docs/guides/native-tools.md'), 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(guide)?.[1] ?? '';

let database: Awaited<ReturnType<typeof startTestDatabase>>;
let folder: string;

beforeAll(async () => {
  database = await startTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-guide-'));
});
afterAll(async () => {
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the guide to native tools', () => {
  it('goes from an empty file to a call in a real client, word for word', async () => {
    const port = await findFreePort();
    const url = `http://localhost:${port}`;
    writeFileSync(join(folder, 'notes.mjs'), block('js'));
    // Another port and cluster than a reader's, so that both can run.
    const written = block('yaml').replace('{ embedded: true }', '{ connectionString: "env:DATABASE" }').replace('localhost:3232', `localhost:${port}`).replace('{ host: localhost }', `{ host: localhost, port: ${port} }`);
    writeFileSync(join(folder, 'gatehouse.yaml'), written);
    const environment = { DATABASE: database.urls.adminUrl?.reveal() ?? '', HOME: folder };
    expect(await runGatehouse(['check', '--config', 'gatehouse.yaml'], { cwd: folder, environment })).toMatchObject({ code: 0, stdout: expect.stringContaining('gatehouse.yaml is valid') });
    const gateway = await serveGatehouse(['--config', 'gatehouse.yaml'], { cwd: folder, environment, url });
    const client = new Client({ name: 'guide', version: '1' });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['notes_add', 'notes_list']);
      expect(await client.callTool({ name: 'notes_add', arguments: { text: 'Chairs are sold out' } })).toMatchObject({ content: [{ text: 'Noted for alice.' }] });
      expect(await client.callTool({ name: 'notes_list', arguments: {} })).toMatchObject({ structuredContent: { notes: [{ text: 'Chairs are sold out' }] } });
      expect(await client.callTool({ name: 'notes_add', arguments: { text: '' } })).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('text:') }] });
    } finally {
      await client.close();
      expect(await gateway.stop()).toMatchObject({ code: 0 });
    }
  });
});
