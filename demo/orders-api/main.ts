import { parseArgs } from 'node:util';
import { serveUntilStopped } from '../loopback/serve.js';
import { startOrdersApi } from './server.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '3002' }, issuer: { type: 'string', default: 'http://localhost:3001' } },
});

await serveUntilStopped(() => startOrdersApi({ port: Number(values.port), issuer: values.issuer }));
