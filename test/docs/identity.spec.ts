import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { dump, load } from 'js-yaml';
import { CertificateAuthority } from '@gatehouse-mcp/testing';
import { check } from '../../src/cli/check.command.js';
import { runCommand } from '../../src/cli/command-line.js';
import { credentialSchema } from '../../src/config/credential.schema.js';
import { providerSchema } from '../../src/config/provider.schema.js';

const root = resolve(import.meta.dirname, '../..');
const guides = join(root, 'docs/guides');
const pages = [...readdirSync(join(guides, 'identity')).map((name) => `identity/${name}`), ...readdirSync(join(guides, 'on-behalf-of')).map((name) => `on-behalf-of/${name}`), 'clients.md', 'configuration.md', 'connections.md', 'egress.md', 'on-behalf-of.md', 'vault.md'];
const textOf = (page: string) => readFileSync(join(guides, page), 'utf8');

/** Blocks of a language, with the page and the number of the block. */
const blocksOf = (language: string) =>
  pages.flatMap((page) => [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, text = ''], index) => [`${page} ${index + 1}`, text] as const));

/** What a block leaves out, because the page is about something else. */
function complete(block: Record<string, unknown>): Record<string, unknown> {
  const providers = (block['providers'] ?? { corp: { preset: 'oidc', issuer: 'https://sso.acme.example' } }) as Record<string, unknown>;
  const rules = Object.keys(providers).map((provider) => ({ provider }));
  return { publicUrls: ['https://mcp.acme.example'], database: { url: 'env:DATABASE_URL' }, tenants: { acme: { rules } }, ...block, providers };
}

let folder: string;
const output: { mockRestore(): void }[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-guides-'));
  cpSync(join(root, 'examples/custom-verifier'), folder, { recursive: true });
  const document = JSON.parse(readFileSync(join(root, 'demo/orders-api/openapi.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'orders.openapi.json'), JSON.stringify({ ...document, servers: [{ url: 'https://orders.acme.example' }] }));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const account = { client_email: 'gatehouse@project.iam.gserviceaccount.com', private_key: privateKey.export({ format: 'pem', type: 'pkcs8' }), token_uri: 'https://oauth2.googleapis.com/token' };
  writeFileSync(join(folder, 'service-account.json'), JSON.stringify(account));
  const authority = new CertificateAuthority('Acme');
  const client = authority.issue(['gatehouse']);
  for (const [name, pem] of Object.entries({ 'acme-ca.pem': authority.certificate, 'client.pem': client.certificate, 'client.key': client.privateKey })) writeFileSync(join(folder, name), pem);
  for (const method of ['log', 'error'] as const) output.push(jest.spyOn(console, method).mockImplementation(() => undefined));
});
afterAll(() => {
  for (const spy of output) spy.mockRestore();
  rmSync(folder, { recursive: true });
});

describe('the YAML of the guides', () => {
  const blocks = blocksOf('yaml').filter(([, text]) => typeof load(text) === 'object' && load(text) !== null);

  it('is there', () => expect(blocks.length).toBeGreaterThanOrEqual(20));

  it.each(blocks)('of %s is valid, as `gatehouse check` says', async (_, text) => {
    const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const names = [...text.matchAll(/env:(\w+)/g)].map(([, name = '']) => name);
    const environment = { DATABASE_URL: 'x', ...Object.fromEntries(names.map((name) => [name, name.includes('PRIVATE') ? privateKey : name.includes('VAULT') ? 'ab'.repeat(32) : name.includes('PROXY') ? 'http://gatehouse:secret@proxy.acme.example:3128' : `a-secret-of-more-than-32-characters-${name}`])) };
    const file = join(folder, 'gatehouse.yaml');
    writeFileSync(file, dump(complete(load(text) as Record<string, unknown>)));
    expect(await check({ config: file, apply: true, environment })).toBe(0);
  });

  it('shows every preset', () => {
    const shown = new Set(blocks.flatMap(([, text]) => [...text.matchAll(/preset: (\w+)/g)].map(([, preset]) => preset)));
    const presets = providerSchema.options.map(({ shape }) => shape.preset.value);
    expect(presets.filter((preset) => !shown.has(preset))).toEqual([]);
  });
});

describe('docs/guides/on-behalf-of.md', () => {
  it('shows every type of link', () => {
    const types = credentialSchema.options.map(({ shape }) => shape.type.value);
    expect(types.filter((type) => !textOf('on-behalf-of.md').includes(type === 'none' ? '`none`' : `type: ${type}`))).toEqual([]);
  });
});

describe('the JSON of the guides', () => {
  it.each(blocksOf('json'))('of %s is JSON', (_, text) => {
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});

describe('the commands of the guides', () => {
  const commands = [...blocksOf('sh'), ...blocksOf('yaml')].flatMap(([page, text]) => [...text.matchAll(/npx --no-install gatehouse (\w[\w-]*)/g)].map(([, command = '']) => `${page}: ${command}`));

  it.each([...new Set(commands)])('%s is a command of ours', async (command) => {
    expect(await runCommand([command.split(': ')[1] ?? '', '--help'], {})).toBe(0);
  });

  it('run files that exist', () => {
    const files = [...blocksOf('sh')].flatMap(([, text]) => [...text.matchAll(/(?:node|--config) ((?:examples|demo|scripts)\/\S+)/g)].map(([, file = '']) => file));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('docs/guides/identity/development.md', () => {
  it('lists the variables that there are, and no other', () => {
    const sources = ['shortcuts', 'environment'].map((name) => readFileSync(join(root, `src/config/${name}.ts`), 'utf8')).join('\n');
    const variables = (text: string, form: RegExp) => [...new Set([...text.matchAll(form)].map(([, name = '']) => name))].toSorted();
    const read = variables(sources, /\b((?:MCP_HTTP|GATEHOUSE)_[A-Z0-9_]*[A-Z0-9])\b/g);
    expect(read.length).toBeGreaterThan(20);
    expect(variables(textOf('identity/development.md'), /^\| `([A-Z0-9_]+)` \|/gm)).toEqual(read);
  });
});

describe('the headings that the guides link to', () => {
  it('exist', () => {
    const links = pages.flatMap((page) => [...textOf(page).matchAll(/\]\(([^)#\s]*)#([\w-]+)\)/g)].map(([, file = '', heading = '']) => ({ page, file: file === '' ? page : join(dirname(page), file), heading })));
    expect(links.length).toBeGreaterThan(0);
    const slug = (heading: string) => heading.toLowerCase().replace(/[^\w\s-]/g, '').trim().replace(/\s+/g, '-');
    expect(links.filter(({ file, heading }) => ![...textOf(file).matchAll(/^#+ (.*)$/gm)].some(([, text = '']) => slug(text) === heading))).toEqual([]);
  });
});
