import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/client';
import { runCommand } from '../../src/cli/command-line.js';
import { parseConfiguration } from '../../src/config/configuration.file.js';

const root = resolve(import.meta.dirname, '../..');
const guide = (name: string) => readFileSync(join(root, 'docs/guides', name), 'utf8');
const blocks = (text: string, language: string) => [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block ?? '');
const frame = `publicUrls: [http://localhost:3232]
environment: development
database: { embedded: true }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] } }
apis:
  - { name: orders, tenant: acme, openapi: file:./openapi.json, baseUrl: "https://orders.example", credentials: [{ type: none }] }
`;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  cpSync(join(root, 'demo/orders-api/openapi.json'), join(folder, 'openapi.json'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/guides/large-apis.md', () => {
  it('shows settings that the configuration takes', () => {
    const shown = blocks(guide('large-apis.md'), 'yaml').map((yaml) => parseConfiguration(frame + yaml, 'the guide').tools);
    expect(shown).toEqual([
      { searchAbove: 40, profiles: {} },
      { searchAbove: 40, profiles: { 'acme-assistant*': 'gemini', 'cursor-vscode*': 'default' } },
    ]);
    expect(parseConfiguration(frame, 'the guide').tools.searchAbove).toBe(40);
  });

  it('shows a command that serves a search', async () => {
    const [command] = blocks(guide('large-apis.md'), 'sh').flatMap((block) => block.trim().split('\n'));
    const args = String(command).replace('npx --no-install gatehouse ', '').split(' ').map((word) => word.replace(/^demo\//, `${root}/demo/`));
    const client = new Client({ name: 'reader', version: '1' });
    await client.connect(new StdioClientTransport({ command: process.execPath, args: [join(root, 'scripts/gatehouse.mjs'), ...args], stderr: 'ignore' }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search_tools', 'describe_tool', 'call_tool']);
    await client.close();
  });
});

describe('docs/guides/toolsets.md', () => {
  it('shows a toolset and a command that say what they should, a pattern without a tool included', async () => {
    const [yaml] = blocks(guide('toolsets.md'), 'yaml');
    expect(parseConfiguration(frame + yaml, 'the guide').toolsets).toMatchObject([{ name: 'support', tenant: 'acme', scopes: ['support'], searchAbove: false }]);
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(file, frame + yaml);
    const [command] = blocks(guide('toolsets.md'), 'sh').flatMap((block) => block.trim().split('\n'));
    const lines: string[] = [];
    const output = jest.spyOn(console, 'log').mockImplementation((line: unknown) => void lines.push(String(line)));
    try {
      expect(await runCommand(String(command).replace('npx --no-install gatehouse ', '').replace('gatehouse.yaml', file).split(' '), {})).toBe(0);
    } finally {
      output.mockRestore();
    }
    expect(lines.filter((line) => line.startsWith('warning: toolset'))).toEqual(['warning: toolset acme/support: the pattern "customers.getCustomer" names no tool']);
  });
});
