import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { refusalOf, startLinks, type TestLinks } from '../../test/tools/links.js';

let platform: FakeIssuer;
let links: TestLinks | undefined;

beforeAll(async () => {
  platform = await FakeIssuer.start();
});
afterAll(() => platform.stop());
afterEach(() => links?.stop());

const start = (more: object, secrets: Record<string, string> = {}): TestLinks => {
  const link = { type: 'resolver', baseUrl: platform.url, service: 'items', serviceToken: 'env:TOKEN', ...more };
  links = startLinks([link], { providers: { corp: { preset: 'oidc', issuer: platform.url } }, secrets: { TOKEN: 'service-token', ...secrets } });
  return links;
};

describe('resolver', () => {
  it('asks for nobody of another provider, whose key may be that of somebody else', async () => {
    platform.fixed.set('/api/credentials/alice/items', { status: 200, body: '{"type":"token","access_token":"of-alice"}' });
    const { obtain } = start({ provider: 'corp' });
    const before = platform.requests.length;
    expect(await refusalOf(obtain({ caller: { subject: 'alice', provider: 'partner', issuer: 'https://partner.example' } }))).toContain('the platform knows the users of provider "corp"; you are signed in at "partner"');
    expect(platform.requests).toHaveLength(before);
    expect((await obtain({ caller: { subject: 'alice', provider: 'corp' } })).actor).toBe('resolver:items');
  });

  it('names the setting of a webhook secret that can be guessed', () => {
    expect(() => start({ webhookSecret: 'env:SHORT' }, { SHORT: 'canary' })).toThrow('apis[0].credentials[0].webhookSecret: must have 32 characters or more');
  });
});
