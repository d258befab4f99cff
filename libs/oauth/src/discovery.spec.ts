import { describe, expect, it } from '@jest/globals';
import { DiscoveryError, discoverIssuer } from './discovery.js';

const discover = (metadata: object) => discoverIssuer('https://as.example', async () => Response.json({ issuer: 'https://as.example', ...metadata }));

describe('metadata of an issuer', () => {
  it.each([
    ['authorization_endpoint', 'javascript:alert(1)'],
    ['authorization_endpoint', 'data:text/html,x'],
    ['token_endpoint', 'file:///etc/passwd'],
    ['revocation_endpoint', 'as.example/revoke'],
  ])('names no %s by %s, where neither a browser nor we may be sent', async (name, url) => {
    await expect(discover({ [name]: url })).rejects.toThrow(DiscoveryError);
  });

  it('may name endpoints of another host, as large providers do', async () => {
    expect(await discover({ token_endpoint: 'https://tokens.example/' })).toMatchObject({ tokenEndpoint: 'https://tokens.example/' });
  });
});
