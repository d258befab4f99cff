import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { clientGuides } from '../../src/cli/client-config/client.guides.js';
import { check } from '../../src/cli/check.command.js';
import { runCommand } from '../../src/cli/command-line.js';
import { readConnectOptions } from '../../src/cli/connect/connect.options.js';

const root = resolve(import.meta.dirname, '../..');
const guide = (name: string) => readFileSync(join(root, 'docs/guides', name), 'utf8');
const blocks = (text: string, language: string) => [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block ?? '');

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, 'log').mockImplementation((line: unknown) => void printed.push(String(line)));
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
});
afterEach(() => {
  jest.restoreAllMocks();
});

describe('docs/guides/clients.md', () => {
  const text = guide('clients.md');

  it('has JSON that parses, and what client-config prints for the same client', async () => {
    const shown = blocks(text, 'json').map((block) => JSON.parse(block) as Record<string, unknown>);
    expect(shown).toHaveLength(5);
    const input = { url: 'https://mcp.acme.example/mcp', program: ['gatehouse'] as const };
    for (const name of ['vscode', 'windsurf', 'stdio', 'mcp-remote']) expect(shown).toContainEqual(JSON.parse(clientGuides[name]!(input).snippet));
    for (const name of ['claude-code', 'inspector']) expect(text).toContain(clientGuides[name]!(input).snippet);
  });

  it('shows commands of ours that end well', async () => {
    const commands = [...text.matchAll(/^npx --no-install gatehouse (.*)$/gm)].map(([, command]) => command ?? '');
    expect(commands).toHaveLength(3);
    for (const command of commands) expect(await runCommand(command.split(' '), {})).toBe(0);
    expect(printed.join('\n')).toContain('"connect"');
  });

  it('shows options that connect takes', () => {
    const table = text.slice(text.indexOf('At the first message `connect`'), text.indexOf('`mcp-remote` does the same'));
    const rows = [...table.matchAll(/^\| [^|]+ \| `("--[^`]*)`/gm)].map(([, row]) => JSON.parse(`[${row}]`) as string[]);
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      const alone = row.includes('--client-secret') ? ['--client-id', 'mcp-client', ...row] : row;
      expect(() => readConnectOptions(['https://mcp.acme.example/mcp', ...alone], { KEY: 'k', SECRET: 's' })).not.toThrow();
    }
  });
});

describe('docs/guides/stdio.md', () => {
  it('has a configuration that is valid beside an OpenAPI document', async () => {
    const [yaml = ''] = blocks(guide('stdio.md'), 'yaml');
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stdio-guide-'));
    try {
      writeFileSync(join(folder, 'gatehouse.yaml'), yaml);
      writeFileSync(join(folder, 'orders.openapi.json'), readFileSync(join(root, 'demo/orders-api/openapi.json')));
      expect(await check({ config: join(folder, 'gatehouse.yaml'), apply: true, environment: {} })).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
