import { parseArgs } from 'node:util';
import { serveUntilStopped } from '../loopback/serve.js';
import { startWikiServer } from './server.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '3003' }, issuer: { type: 'string', default: 'http://localhost:3001' } },
});

await serveUntilStopped(() => startWikiServer({ port: Number(values.port), issuer: values.issuer }));
