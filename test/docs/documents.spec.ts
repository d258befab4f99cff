import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { check } from '../../src/cli/check.command.js';
import { runCommand } from '../../src/cli/command-line.js';
import { parseConfiguration } from '../../src/config/configuration.file.js';

const root = resolve(import.meta.dirname, '../..');
const folders = ['src', 'libs', 'demo', 'bench', 'test', 'scripts', 'docs', 'examples'];
const scripts = Object.keys((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts);

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

const documents = ['README.md', 'CONTRIBUTING.md', ...folders.flatMap(markdownIn)];

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8');

  it('names only files that exist', () => {
    const named = [...text.matchAll(/`((?:src|libs|demo|bench|test|scripts|docs|examples|\.ci)\/[\w./-]*\w)`/g)].map(([, path]) => path ?? '');
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, link]) => link ?? '');
    expect(links.filter((link) => !existsSync(join(root, dirname(document), link)))).toEqual([]);
  });

  it('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('names a file for every step of a call', () => {
    const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    const steps = text.split('\n').filter((line) => /^\d+\. /.test(line));
    expect(steps.length).toBeGreaterThanOrEqual(10);
    expect(steps.filter((line) => !/`(?:src|libs)\//.test(line))).toEqual([]);
  });
});

describe('docs/guides/openapi.md', () => {
  const text = readFileSync(join(root, 'docs/guides/openapi.md'), 'utf8');

  it('shows keys that the configuration takes', () => {
    const [entry, curation] = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');
    const frame = 'publicUrls: [http://localhost:3232]\ndatabase: { url: "env:X" }\nproviders: { corp: { preset: oidc, issuer: "https://idp.example" } }\ntenants: { acme: { rules: [{ provider: corp }] } }\n';
    const [api] = parseConfiguration(`${frame}${entry}${curation}`, 'the guide').apis;
    expect(api).toMatchObject({ name: 'orders', refresh: 3_600_000, filter: { deprecated: false }, overrides: { listOrders: { name: 'find_orders' } } });
  });

  it('shows commands of ours that end well', async () => {
    const commands = [...text.matchAll(/^npx --no-install gatehouse (openapi .*)$/gm)].map(([, command]) => command ?? '');
    expect(commands).toHaveLength(3);
    const output = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    const errors = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    for (const command of commands) expect(await runCommand(command.split(' ').map((word) => word.replace(/^demo\//, `${root}/demo/`)), {})).toBe(0);
    output.mockRestore();
    errors.mockRestore();
  });
});

describe('the README\'s ten lines of YAML', () => {
  it('are valid, as `gatehouse check` says, beside an OpenAPI document', async () => {
    const yaml = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-readme-'));
    try {
      writeFileSync(join(folder, 'gatehouse.yaml'), yaml);
      const document = JSON.parse(readFileSync(join(root, 'demo/orders-api/openapi.json'), 'utf8')) as object;
      writeFileSync(join(folder, 'orders.openapi.json'), JSON.stringify({ ...document, servers: [{ url: 'https://orders.acme.example' }] }));
      expect(yaml.trim().split('\n')).toHaveLength(10);
      expect(await check({ config: join(folder, 'gatehouse.yaml'), apply: true, environment: { GATEHOUSE_SECRET: 'x' } })).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
