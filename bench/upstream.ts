import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findFreePort } from '@gatehouse-mcp/testing';
import { ServerProcess } from './server.process.js';

/** Stands in every right answer, and in no error. */
export const MARKER = 'bench-marker-7d1c';
const ANSWER = `{"id":"42","status":"open","title":"${MARKER}","lines":[{"sku":"a-1","quantity":2},{"sku":"b-2","quantity":1}],"total":129.9}`;

export interface Upstream {
  readonly url: string;
  stop(): Promise<void>;
}

/** The API behind both servers: nginx with one worker and a small static JSON answer. */
export async function startUpstream(folder: string): Promise<Upstream> {
  const port = await findFreePort();
  const home = join(folder, 'nginx');
  await mkdir(home);
  await writeFile(join(home, 'nginx.conf'), configuration(home, port));
  const nginx = new ServerProcess({ name: 'nginx', command: 'nginx', args: ['-p', home, '-e', join(home, 'error.log'), '-c', join(home, 'nginx.conf')], logFile: join(folder, 'nginx.log') });
  const url = `http://127.0.0.1:${port}`;
  await nginx.waitFor(`${url}/items/42`);
  return { url, stop: () => nginx.stop() };
}

function configuration(home: string, port: number): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${home}/${name};`);
  return `daemon off;
worker_processes 1;
pid ${home}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_timeout 75s;
${folders.join('\n')}
  server {
    listen 127.0.0.1:${port};
    location / { default_type application/json; return 200 '${ANSWER}'; }
  }
}
`;
}
