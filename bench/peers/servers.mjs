/** How each converter is started as an MCP server over stdio for one document. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinnedNode, root } from '../../scripts/checkout.mjs';
import { installPackages } from '../../test/corpus/packages.mjs';

const node = pinnedNode() ?? process.execPath;
/** Node's own limit: its address space is reserved far beyond what it uses. FastMCP's server limits itself. */
const environment = { NODE_OPTIONS: '--max-old-space-size=4096', NODE_NO_WARNINGS: '1' };

/**
 * @typedef {{ name: string, version: string, start: (file: string, baseUrl: string) => import('./stdio-client.mjs').ServerCommand }} Converter
 * @returns {Converter[]}
 */
export function installConverters() {
  const modules = installPackages(import.meta.dirname, 'peers');
  const python = installFastMcp();
  const versionOf = (/** @type {string} */ name) => JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;
  return [
    {
      name: 'Gatehouse',
      version: 'this checkout',
      start: (file, baseUrl) => ({ command: node, args: [join(root, 'dist', 'main.js'), 'stdio', '--openapi', file, '--base-url', baseUrl], environment }),
    },
    {
      name: 'openapi-mcp-generator',
      version: versionOf('openapi-mcp-generator'),
      start: (file, baseUrl) => ({ command: node, args: [join(import.meta.dirname, 'generator-server.mjs'), file, baseUrl, join(modules, '..', 'generated')], environment }),
    },
    {
      name: '@ivotoby/openapi-mcp-server',
      version: versionOf('@ivotoby/openapi-mcp-server'),
      start: (file, baseUrl) => ({
        command: node,
        args: [join(modules, '@ivotoby', 'openapi-mcp-server', 'bin', 'mcp-server.js'), '--api-base-url', baseUrl, '--openapi-spec', file, '--transport', 'stdio'],
        environment,
      }),
    },
    {
      name: 'FastMCP',
      version: /^fastmcp==(.*)$/m.exec(readFileSync(join(import.meta.dirname, 'requirements.txt'), 'utf8'))?.[1] ?? '',
      start: (file, baseUrl) => ({ command: python, args: [join(import.meta.dirname, 'fastmcp_server.py'), file, baseUrl], environment: { FASTMCP_LOG_LEVEL: 'ERROR' } }),
    },
  ];
}

/** A virtual environment outside the checkout. @returns {string} its Python */
function installFastMcp() {
  const folder = join(tmpdir(), 'gatehouse-peers', 'venv');
  const python = join(folder, 'bin', 'python');
  const isReady = () => existsSync(python) && spawnSync(python, ['-c', 'import fastmcp']).status === 0;
  if (isReady()) return python;
  console.error('installing FastMCP …');
  spawnSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  spawnSync(python, ['-m', 'pip', 'install', '-q', '-r', join(import.meta.dirname, 'requirements.txt')], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
  if (!isReady()) throw new Error('FastMCP cannot be installed; Python 3.10 or newer with venv and pip is needed');
  return python;
}
