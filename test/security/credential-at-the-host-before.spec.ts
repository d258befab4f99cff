import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingUpstream } from '@gatehouse-mcp/testing';
import { LiveConfiguration } from '../../src/config/live-configuration.js';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let successor: RecordingUpstream;

beforeAll(async () => {
  successor = await RecordingUpstream.start();
  gateway = await startGateway({
    secrets: { KEY_BEFORE: 'key-before', KEY_AFTER: 'key-after' },
    change: (settings) => {
      for (const api of settings['apis'] as Settings[]) api['credentials'] = [{ type: 'api-key', in: 'header', name: 'x-key', value: 'env:KEY_BEFORE' }];
      (settings['egress'] as { allow: string[] }).allow.push(new URL(successor.url).host);
    },
  });
}, 60_000);
afterAll(() => Promise.all([gateway.stop(), successor.stop()]));

/** While a tenant's catalog is loaded anew, the one before serves on: with the credentials that belong to it. */
describe('an API that moves to another host with another key', () => {
  it('sends the new key to the new host only, whatever is still under way', async () => {
    const token = await gateway.token();
    await gateway.call(token, 'items_getItem', { id: '1' });
    const live = gateway.app.get(LiveConfiguration, { strict: false });
    const { revision } = live.current;
    await gateway.apply((settings) => {
      for (const api of settings['apis'] as Settings[]) Object.assign(api, { baseUrl: `${successor.url}/v1`, credentials: [{ type: 'api-key', in: 'header', name: 'x-key', value: 'env:KEY_AFTER' }] });
    });
    while (live.current.revision === revision) await new Promise((resolve) => setTimeout(resolve, 10));
    while (successor.requests.length === 0) await gateway.call(token, 'items_getItem', { id: '1' });
    expect(new Set(gateway.upstream.requests.map(({ headers }) => headers['x-key']))).toEqual(new Set(['key-before']));
    expect(successor.last.headers['x-key']).toBe('key-after');
  });
});
