import { describe, expect, it } from '@jest/globals';
import { startLinks } from '../../test/tools/links.js';

const link = (more: object) => [{ type: 'api-key', in: 'header', name: 'X-Api-Key', value: 'env:KEY', ...more }];

describe('api-key', () => {
  it('is a service identity in the audit, which names the key\'s place and never the key', async () => {
    const credential = await startLinks(link({ prefix: 'Token ' }), { secrets: { KEY: 'secret-canary' } }).obtain();
    expect(credential).toMatchObject({ actor: 'api-key:X-Api-Key', scopes: null, evict: undefined, placement: { in: 'header', name: 'X-Api-Key', prefix: 'Token ' } });
    expect(JSON.stringify(credential)).not.toContain('secret-canary');
  });

  it.each([
    ['header', 'canary\nx-evil: 1'],
    ['header', 'canaryé'],
    ['cookie', 'canary; admin=1'],
    ['cookie', 'canary"'],
  ])('names the setting of a key that cannot stand in a %s, and not the key', (place, key) => {
    const start = () => startLinks(link({ in: place }), { secrets: { KEY: key } });
    expect(start).toThrow(`apis[0].credentials[0].value: cannot stand in a ${place}`);
    expect(start).not.toThrow('canary');
  });
});
