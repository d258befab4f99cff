import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecordingUpstream } from '@gatehouse-mcp/testing';
import { startGateway, type TestGateway } from '../tools/gateway.js';

let gateway: TestGateway;
let elsewhere: RecordingUpstream;

beforeAll(async () => {
  elsewhere = await RecordingUpstream.start();
  gateway = await startGateway({ change: (settings) => (settings['egress'] as { allow: string[] }).allow.push(new URL(elsewhere.url).host) });
});
afterAll(async () => {
  await gateway.stop();
  await elsewhere.stop();
});

/** Security attack 13. */
describe('W21: an API that answers with a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is not followed: %i', async (status) => {
    const token = await gateway.token();
    for (const location of [`${elsewhere.url}/stolen`, '/v1/other', `//${new URL(elsewhere.url).host}/stolen`]) {
      gateway.upstream.answerWith(() => ({ status, headers: { location }, body: '' }));
      const before = gateway.upstream.requests.length;
      const answer = await gateway.call(token, 'items_createItem', { title: 'x' });
      expect(answer.result?.isError).toBe(true);
      expect(answer.result?.content?.[0]?.text).toContain('redirect');
      expect(gateway.upstream.requests).toHaveLength(before + 1);
    }
    expect(elsewhere.requests).toHaveLength(0);
  });
});
