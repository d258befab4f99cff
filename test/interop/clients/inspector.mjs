/** The Inspector's command line: one program for each request. `node inspector.mjs header|oauth|stdio|sse` */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { runChecks } from './run-checks.mjs';
import { report, stage } from './stage.mjs';
import { CHECKS } from '../checks.mjs';

const [, , way = 'header'] = process.argv;
const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json');
const { default: { bin } } = await import(manifest, { with: { type: 'json' } });
const program = join(dirname(manifest), bin['mcp-inspector']);
const ONE_SHOT = 'a program for one request: nothing listens in between';

if (way === 'sse' && !(await servesSse())) {
  for (const check of CHECKS) report(check, 'not offered', 'this gateway serves no /sse');
  process.exit(0);
}

await runChecks({
  login: way === 'oauth' ? 'oauth' : way === 'stdio' ? 'none' : 'header',
  lacks: {
    'list changed': ONE_SHOT,
    ...(way === 'oauth' ? {} : { 'step-up': way === 'stdio' ? 'a local server has no users' : 'a header is all it has' }),
    ...(way === 'stdio' ? { 'missing scope': 'a local server has no users' } : { }),
    ...(way === 'header' || way === 'sse' ? { cancel: 'ending the program is no cancellation in the legacy era' } : {}),
  },
  ...(way === 'oauth' ? { faults: { 'step-up': 'after 403 it refreshes its token, which gives no further scope, and ends ("auth() returned AUTHORIZED without authorization code")' } } : {}),
  connect: async (user) => {
    const home = await mkdtemp(join(stage.folder, 'inspector-'));
    const target = await describeTarget(user);
    const environment = { HOME: home, MCP_STORAGE_DIR: join(home, 'storage'), MCP_AUTO_OPEN_ENABLED: 'true', MCP_INSPECTOR_SECRET_STORE: 'file', INTEROP_USER: user, BROWSER: stage.browser };
    const run = (/** @type {string[]} */ args, /** @type {AbortSignal} */ signal = AbortSignal.timeout(40_000)) => runInspector([...target, '--format', 'json', '--quiet', ...args], environment, signal);
    const prefix = way === 'stdio' ? (user === 'bob' ? 'bulk_' : 'probe_') : '';
    const list = async () => readJson(await run(['--method', 'tools/list']));
    await list();
    return {
      protocol: way === 'stdio' ? 'stdio' : era(),
      declaresListChanged: true,
      tools: async () => (await list()).tools.map((/** @type {{ name: string }} */ { name }) => prefix + name),
      call: async (name, args, signal) => {
        const { isError = false, content = [] } = readJson(await run(['--method', 'tools/call', '--tool-name', name.slice(prefix.length), '--tool-args-json', JSON.stringify(args)], signal));
        return { isError, text: content.map((/** @type {{ text?: string }} */ { text }) => text).join('\n') };
      },
      close: async () => {},
    };
  },
});

function era() {
  return way === 'oauth' ? 'modern' : 'legacy';
}

/** @param {'alice' | 'carol' | 'bob'} user */
async function describeTarget(user) {
  if (way === 'stdio') {
    const file = user === 'bob' ? stage.probeFile.replace('probe.openapi', 'bulk.openapi') : stage.probeFile;
    return [process.execPath, stage.gatewayMain, 'stdio', '--openapi', file, '--base-url', stage.upstreamUrl];
  }
  if (way === 'oauth') return ['--server-url', stage.mcpUrl, '--transport', 'http', '--protocol-era', 'modern', '--callback-url', `http://127.0.0.1:${await findFreePort()}/oauth/callback`];
  const url = way === 'sse' ? stage.mcpUrl.replace(/\/mcp$/, '/sse') : stage.mcpUrl;
  return ['--server-url', url, '--transport', way === 'sse' ? 'sse' : 'http', '--header', `Authorization: Bearer ${stage.tokens[user]}`];
}

/** @param {string[]} args @param {Record<string, string>} environment @param {AbortSignal} signal @returns {Promise<{ code: number | null, stdout: string, stderr: string }>} */
function runInspector(args, environment, signal) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, '--cli', ...args], { env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const end = () => child.kill('SIGTERM');
    signal.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(new Error('the program was ended'));
      else resolve({ code, stdout, stderr });
    });
  });
}

/** The result, whatever the exit code says; without one, the program's own line of error: the invitation to sign in stands before it. @param {{ code: number | null, stdout: string, stderr: string }} end */
function readJson({ code, stdout, stderr }) {
  try {
    const printed = JSON.parse(stdout);
    return printed.result ?? printed;
  } catch {
    throw new Error(`exit code ${code}: ${(stderr || stdout).trim().split('\n').at(-1)}`);
  }
}

async function servesSse() {
  const controller = new AbortController();
  const response = await fetch(stage.mcpUrl.replace(/\/mcp$/, '/sse'), { headers: { authorization: `Bearer ${stage.tokens.alice}`, accept: 'text/event-stream' }, signal: controller.signal });
  const serves = response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream');
  controller.abort();
  return serves;
}

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
