import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runGatehouse } from '../tools/served.process.js';

const url = 'https://mcp.acme.example/mcp';
const names = ['claude-desktop', 'claude-code', 'cursor', 'vscode', 'windsurf', 'chatgpt', 'inspector', 'stdio', 'mcp-remote'];
let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gatehouse-client-config-'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const run = (...args: string[]) => runGatehouse(['client-config', ...args], { cwd, environment: {} });

describe('gatehouse client-config', () => {
  it('lists the clients that it knows', async () => {
    const { code, stdout } = await run();
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').map((line) => line.split(' ')[0])).toEqual(names);
  });

  it.each([
    ['claude-desktop', { mcpServers: { gatehouse: { command: process.execPath, args: [expect.stringMatching(/main\.js$/), 'connect', url] } } }],
    ['cursor', { mcpServers: { gatehouse: { url } } }],
    ['vscode', { servers: { gatehouse: { type: 'http', url } } }],
    ['windsurf', { mcpServers: { gatehouse: { serverUrl: url } } }],
    ['stdio', { mcpServers: { gatehouse: { command: process.execPath, args: [expect.any(String), 'connect', url] } } }],
    ['mcp-remote', { mcpServers: { gatehouse: { command: 'npx', args: ['-y', 'mcp-remote', url] } } }],
  ])('prints nothing but the JSON of %s on stdout, and where it goes on stderr', async (name, expected) => {
    const { code, stdout, stderr } = await run(name, '--url', url);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(expected);
    expect(stderr).toMatch(/\.json|list of servers/);
  });

  it.each([
    ['claude-code', `claude mcp add --transport http gatehouse ${url}\n`],
    ['inspector', `npx @modelcontextprotocol/inspector --server-url ${url} --transport http\n`],
    ['chatgpt', `${url}\n`],
  ])('prints what %s wants', async (name, stdout) => {
    expect(await run(name, '--url', url)).toMatchObject({ code: 0, stdout });
  });

  it('tells the places of each system where they differ', async () => {
    const { stderr } = await run('claude-desktop', '--url', url);
    for (const system of ['macOS: ~/Library/Application Support/Claude/', 'Windows: %APPDATA%\\Claude\\', 'Linux: ~/.config/Claude/']) expect(stderr).toContain(system);
  });

  it('takes the URL of a configuration, named or beside', async () => {
    const yaml = 'publicUrls: [https://mcp.other.example, http://localhost:3232]\ndatabase: { url: "env:X" }\nproviders: { corp: { preset: oidc, issuer: "https://idp.example" } }\ntenants: { acme: { rules: [{ provider: corp }] } }\n';
    writeFileSync(join(cwd, 'other.yaml'), yaml);
    expect((await run('chatgpt', '--config', 'other.yaml')).stdout).toBe('https://mcp.other.example/mcp\n');
    expect(await run('chatgpt')).toMatchObject({ code: 2, stderr: expect.stringContaining('--url URL is missing') });
    writeFileSync(join(cwd, 'gatehouse.yaml'), yaml);
    expect((await run('chatgpt')).stdout).toBe('https://mcp.other.example/mcp\n');
    rmSync(join(cwd, 'gatehouse.yaml'));
  });

  it.each([
    [['emacs', '--url', url], `there is no client "emacs"; there are ${names.join(', ')}`],
    [['__proto__', '--url', url], 'there is no client "__proto__"'],
    [['cursor', 'vscode'], 'takes one name'],
    [['claude-code', '--url', 'https://x.example/$(id)'], '--url must be the http or https URL'],
    [['claude-code', '--url', 'ftp://x.example/mcp'], '--url must be the http or https URL'],
  ])('refuses %j', async (args, message) => {
    expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });
});
