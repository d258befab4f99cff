/** The clients of the run: what the table calls them, and the program that drives each. */
import { join } from 'node:path';
import { buildGo, installPython, npmVersion, pinnedVersion } from './installs.mjs';

/**
 * @typedef {{ command: string, args: string[] } | { skipped: string }} Start
 * @typedef {{ name: string, title: string, version: string, start: () => Start }} Client
 * @returns {Client[]}
 */
export function describeClients() {
  const node = (/** @type {string} */ file, /** @type {string[]} */ ...args) => () => ({ command: process.execPath, args: [join(import.meta.dirname, 'clients', file), ...args] });
  const python = (/** @type {string} */ environment, /** @type {string} */ file, /** @type {string[]} */ ...args) => () => {
    const installed = installPython(environment);
    return 'skipped' in installed ? installed : { command: installed.python, args: [join(import.meta.dirname, 'python', file), ...args] };
  };
  const go = (/** @type {string} */ era) => () => {
    const built = buildGo();
    return 'skipped' in built ? built : { command: built.program, args: [era] };
  };
  const inspector = npmVersion('@modelcontextprotocol/inspector');
  const client = npmVersion('@modelcontextprotocol/client');
  const pythonSdk = pinnedVersion('python/requirements-mcp.txt', /^mcp==(.*)$/m);
  const fastmcp = pinnedVersion('python/requirements-fastmcp.txt', /^fastmcp==(.*)$/m);
  const goSdk = pinnedVersion('go/go.mod', /go-sdk v(\S+)/);
  return [
    { name: 'sdk-v1', title: 'TypeScript SDK v1', version: npmVersion('@modelcontextprotocol/sdk'), start: node('sdk-v1.mjs') },
    { name: 'sdk-v1-oldest', title: 'TypeScript SDK v1, the oldest', version: npmVersion('sdk-1-10'), start: node('sdk-v1-oldest.mjs') },
    { name: 'sdk-v2-legacy', title: 'TypeScript SDK v2, legacy', version: client, start: node('sdk-v2.mjs', 'legacy') },
    { name: 'sdk-v2-auto', title: 'TypeScript SDK v2, auto', version: client, start: node('sdk-v2.mjs', 'auto') },
    { name: 'sdk-v2-modern', title: 'TypeScript SDK v2, modern', version: client, start: node('sdk-v2.mjs', 'modern') },
    { name: 'inspector-header', title: 'Inspector CLI, HTTP, legacy', version: inspector, start: node('inspector.mjs', 'header') },
    { name: 'inspector-oauth', title: 'Inspector CLI, HTTP, modern', version: inspector, start: node('inspector.mjs', 'oauth') },
    { name: 'inspector-sse', title: 'Inspector CLI, SSE', version: inspector, start: node('inspector.mjs', 'sse') },
    { name: 'inspector-stdio', title: 'Inspector CLI, stdio', version: inspector, start: node('inspector.mjs', 'stdio') },
    { name: 'mcp-remote', title: 'mcp-remote', version: npmVersion('mcp-remote'), start: node('mcp-remote.mjs', 'legacy') },
    { name: 'mcp-remote-auto', title: 'mcp-remote, `--protocol auto`', version: npmVersion('mcp-remote'), start: node('mcp-remote.mjs', 'auto') },
    { name: 'connect-sdk-v1', title: '`gatehouse connect`, TypeScript SDK v1', version: npmVersion('@modelcontextprotocol/sdk'), start: node('connect.mjs', 'v1') },
    { name: 'connect-sdk-v2', title: '`gatehouse connect`, TypeScript SDK v2, modern', version: client, start: node('connect.mjs', 'v2') },
    { name: 'ai-sdk', title: '@ai-sdk/mcp', version: npmVersion('@ai-sdk/mcp'), start: node('ai-sdk.mjs') },
    { name: 'python-legacy', title: 'Python SDK, legacy', version: pythonSdk, start: python('mcp', 'python_sdk.py', 'legacy') },
    { name: 'python-legacy-header', title: 'Python SDK, legacy, header', version: pythonSdk, start: python('mcp', 'python_sdk.py', 'legacy', 'header') },
    { name: 'python-auto', title: 'Python SDK, auto', version: pythonSdk, start: python('mcp', 'python_sdk.py', 'auto') },
    { name: 'fastmcp', title: 'FastMCP’s client', version: fastmcp, start: python('fastmcp', 'fastmcp_client.py') },
    { name: 'go-legacy', title: 'Go SDK, legacy', version: goSdk, start: go('legacy') },
    { name: 'go-modern', title: 'Go SDK, modern', version: goSdk, start: go('modern') },
  ];
}
