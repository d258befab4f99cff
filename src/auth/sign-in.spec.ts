import { describe, expect, it } from '@jest/globals';
import { startSignIn } from '../../test/tools/sign-in.js';

const jwt = (claims: object) => ['{"alg":"none"}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.') + 'x';
const introspection = (name: string, more: object = {}) => ({ preset: 'introspection', introspectionEndpoint: `https://${name}.example/introspect`, clientId: 'g', clientSecret: 'env:S', ...more });

describe('the provider of a credential', () => {
  it('is told by its issuer or its beginning, exactly and before anybody is asked', async () => {
    const { signIn, stop } = await startSignIn(
      {
        corp: { preset: 'oidc', issuer: 'https://idp.example' },
        keys: { preset: 'apiKey' },
        github: { preset: 'github' },
        opaque: introspection('a'),
        special: introspection('b', { tokenPrefix: 'sp-' }),
      },
      { secrets: { 'env:S': 's' } },
    );
    expect(signIn.providerOf(jwt({ iss: 'https://idp.example' }), undefined)).toBe('corp');
    expect(signIn.providerOf('gatehouse_0123456789abcdef_x', undefined)).toBe('keys');
    expect(signIn.providerOf('gho_abc', undefined)).toBe('github');
    expect(signIn.providerOf('sp-abc', undefined)).toBe('special');
    expect(signIn.providerOf('anything', undefined)).toBe('opaque');
    // A JWT of nobody's issuer goes to nobody: not even to who takes anything opaque.
    for (const iss of ['https://idp.example/', 'https://IDP.example', 'https://evil.example']) expect(() => signIn.providerOf(jwt({ iss }), undefined)).toThrow('not from an identity provider');
    await stop();
  });

  it('of tokens that look alike is that of the tenant\'s own address', async () => {
    const tenants = { acme: { rules: [{ provider: 'a' }] }, globex: { rules: [{ provider: 'b' }] } };
    const { signIn, stop } = await startSignIn({ a: introspection('a'), b: introspection('b') }, { tenants, secrets: { 'env:S': 's' } });
    expect(signIn.providerOf('opaque', 'acme')).toBe('a');
    expect(signIn.providerOf('opaque', 'globex')).toBe('b');
    expect(() => signIn.providerOf('opaque', undefined)).toThrow('use your tenant\'s own address');
    expect(() => signIn.providerOf('opaque', 'nobody')).toThrow('not from an identity provider');
    await stop();
  });
});
