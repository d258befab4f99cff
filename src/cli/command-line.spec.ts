import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { runCommand } from './command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
let printed: string[];

beforeEach(() => {
  printed = [];
  for (const stream of ['log', 'error'] as const) jest.spyOn(console, stream).mockImplementation((...line: unknown[]) => void printed.push(line.join(' ')));
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<[code: number, text: string]> {
  const code = await runCommand(args, {});
  return [code, printed.join('\n')];
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the gatehouse command', () => {
  it('shows its usage', async () => {
    expect(await run('--help')).toEqual([0, expect.stringContaining('usage: gatehouse <command> [options]')]);
    expect((await run())[0]).toBe(2);
  });

  it.each([
    [['explode'], 'there is no command "explode"'],
    [['check'], '--config FILE is missing'],
    [['check', '--confg', 'x'], "Unknown option '--confg'"],
    [['__proto__'], 'there is no command'],
  ])('says what is wrong with %j, and how it is used', async (args, message) => {
    const [code, text] = await run(...args);
    expect(code).toBe(2);
    expect(text).toContain(message);
    expect(text).toContain('usage:');
  });

  it.each([
    ['missing', undefined, 'the file cannot be read (ENOENT)'],
    ['empty', '', 'the file is empty'],
    ['broken', 'publicUrls: [', 'not valid YAML at line'],
    ['wrong', 'publicUrls: [http://localhost:3232]\nunknown: 1\ndatabase: {}\n', 'unknown: unknown key'],
  ])('refuses a configuration that is %s, without a stack', async (kind, text, message) => {
    const path = text === undefined ? join(folder, 'nothing.yaml') : file(`${kind}.yaml`, text);
    for (const command of ['check', 'apply', 'serve']) {
      const [code, output] = await run(command, '--config', path);
      expect(code).toBe(1);
      expect(output).toContain(message);
      expect(output).not.toContain('    at ');
    }
  });

  it('checks a good one, and names a secret that is not there', async () => {
    const good = `
publicUrls: [http://localhost:3232]
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] } }
`;
    expect(await run('check', '--config', file('good.yaml', good))).toEqual([0, expect.stringContaining('is valid')]);
    const api = 'apis: [{ name: a, tenant: acme, openapi: "file:./a.json", credentials: [{ type: token-exchange, provider: corp, clientId: c, clientSecret: "env:NOT_SET", audience: a }] }]\n';
    expect(await run('check', '--config', file('secret.yaml', good + api))).toEqual([1, expect.stringContaining('apis[0].credentials[0].clientSecret: environment variable NOT_SET is not set')]);
  });
});
