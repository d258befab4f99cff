/** The Inspector's command line: one program for each request. `node inspector.mjs header|oauth|stdio|sse` */
import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { runChecks } from './run-checks.mjs';
import { stage } from './stage.mjs';

const [, , way = 'header'] = process.argv;
const manifest = createRequire(import.meta.url).resolve('@modelcontextprotocol/inspector/package.json');
const { default: { bin } } = await import(manifest, { with: { type: 'json' } });
const program = join(dirname(manifest), bin['mcp-inspector']);
const signsIn = way === 'oauth' || way === 'sse';
const ONE_SHOT = 'a program for one request: nothing listens in between';

await runChecks({
  login: signsIn ? 'oauth' : way === 'stdio' ? 'none' : 'header',
  lacks: {
    'list changed': ONE_SHOT,
    ...(signsIn ? {} : { 'step-up': way === 'stdio' ? 'a local server has no users' : 'a header is all it has' }),
    ...(way === 'stdio' ? { 'missing scope': 'a local server has no users' } : {}),
    ...(way === 'header' || way === 'sse' ? { cancel: 'ending the program is no cancellation in the legacy era' } : {}),
  },
  ...(signsIn ? { faults: { 'step-up': way === 'sse' ? 'it takes 403 as a failure' : 'after 403 it refreshes its token, which gives no further scope, and ends ("auth() returned AUTHORIZED without authorization code")' } } : {}),
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
  return { oauth: 'modern', sse: 'HTTP+SSE' }[way] ?? 'legacy';
}

/** @param {'alice' | 'carol' | 'bob'} user */
async function describeTarget(user) {
  if (way === 'stdio') {
    const file = user === 'bob' ? stage.probeFile.replace('probe.openapi', 'bulk.openapi') : stage.probeFile;
    return [process.execPath, stage.gatewayMain, 'stdio', '--openapi', file, '--base-url', stage.upstreamUrl];
  }
  if (!signsIn) return ['--server-url', stage.mcpUrl, '--transport', 'http', '--header', `Authorization: Bearer ${stage.tokens[user]}`];
  const target = way === 'sse' ? ['--server-url', stage.sseUrl, '--transport', 'sse'] : ['--server-url', stage.mcpUrl, '--transport', 'http', '--protocol-era', 'modern'];
  return [...target, '--callback-url', `http://127.0.0.1:${await findFreePort()}/oauth/callback`];
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

/** @returns {Promise<number>} */
function findFreePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
