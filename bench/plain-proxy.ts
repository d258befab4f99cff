import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import type { BenchSetup, MeasuredServer } from './measured-server.js';
import { ServerProcess } from './server.process.js';
import { MARKER } from './upstream.js';

/** (a), measured with a GET of the same resource of the same API. */
export async function startPlainProxy({ folder, cores, upstream, started }: BenchSetup): Promise<MeasuredServer> {
  const port = await findFreePort();
  const server = new ServerProcess({
    name: 'the plain proxy',
    command: process.execPath,
    args: [join(import.meta.dirname, 'plain-proxy.process.js'), String(port), upstream.url],
    core: cores.server,
    environment: { NODE_ENV: 'production' },
    logFile: join(folder, 'plain-proxy.log'),
  });
  started.push(server);
  const url = `http://127.0.0.1:${port}/items/42`;
  await server.waitFor(url);
  return {
    name: 'plain',
    pid: server.pid,
    databasePid: undefined,
    request: { url, method: 'GET', headers: { accept: 'application/json' }, body: undefined, marker: MARKER },
  };
}
