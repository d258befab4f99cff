import { parseArgs } from 'node:util';
import { serveUntilStopped } from '../loopback/serve.js';
import { startAuthorizationServer } from './server.js';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '3001' }, gateway: { type: 'string', multiple: true, default: ['http://localhost:3232', 'http://127.0.0.1:3232'] } },
});
const gatehouseSecret = process.env['GATEHOUSE_DEMO_SECRET'];
const [canonical, ...others] = values.gateway;

await serveUntilStopped(async () => {
  if (!gatehouseSecret) throw new Error('GATEHOUSE_DEMO_SECRET is not set');
  if (!canonical) throw new Error('--gateway URL is missing');
  return startAuthorizationServer({ port: Number(values.port), gatehouseSecret, gatewayUrls: [canonical, ...others] });
});
