import { beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { generateSigningKey, type SigningKey } from './signing-key.js';
import { verifySubjectToken } from './subject-token.js';

const issuer = 'http://localhost:3001';
const gatewayUrls = ['http://localhost:3232', 'http://127.0.0.1:3232'];

let key: SigningKey;
beforeAll(async () => {
  key = await generateSigningKey();
});

interface Forgery {
  claims?: Record<string, unknown>;
  typ?: string;
  expires?: string | null;
}

function sign({ claims = {}, typ = 'at+jwt', expires = '5m' }: Forgery): Promise<string> {
  const token = new SignJWT({ iss: issuer, sub: 'alice', aud: `${gatewayUrls[0]}/mcp`, scope: 'orders:read', ...claims }).setProtectedHeader({ alg: 'RS256', typ });
  return (expires === null ? token : token.setExpirationTime(expires)).sign(key.privateKey);
}

const verify = (token: string): Promise<unknown> => verifySubjectToken(token, { issuer, publicKey: key.publicKey, gatewayUrls });

describe('a subject token', () => {
  it.each(['http://localhost:3232/mcp', 'http://127.0.0.1:3232/t/acme/mcp', 'http://localhost:3232'])('is taken for %s', async (aud) => {
    expect(await verify(await sign({ claims: { aud } }))).toMatchObject({ subject: 'alice', scopes: ['orders:read'] });
  });

  it('keeps the actor of an earlier exchange', async () => {
    expect(await verify(await sign({ claims: { act: { sub: 'another' } } }))).toMatchObject({ actor: { sub: 'another' } });
  });

  it.each<[string, Forgery]>([
    ['past its expiry', { expires: '-1s' }],
    ['without an expiry', { expires: null }],
    ['of another issuer', { claims: { iss: 'http://localhost:3002' } }],
    ['of another type', { typ: 'JWT' }],
    ['without a subject', { claims: { sub: undefined } }],
    ['without an audience', { claims: { aud: undefined } }],
    ['for another audience', { claims: { aud: ['https://other.example', 'http://localhost:32320/mcp'] } }],
  ])('%s is refused as invalid_request', async (_name, forgery) => {
    const token = await sign(forgery);
    await expect(verify(token)).rejects.toMatchObject({ error: 'invalid_request' });
  });
});
