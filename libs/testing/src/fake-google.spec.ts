import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { FakeGoogle, googleUser } from './fake-google.js';

const clientId = '1234567890-abc.apps.googleusercontent.com';
let google: FakeGoogle;

beforeAll(async () => {
  google = await FakeGoogle.start();
});
afterAll(() => google.stop());

const tokenInfo = (token: string) => fetch(google.tokenInfoEndpoint, { method: 'POST', body: new URLSearchParams({ access_token: token }) });
const userInfo = (token: string) => fetch(google.userInfoEndpoint, { headers: { authorization: `Bearer ${token}` } });

describe('the fake Google', () => {
  it.each(['https://accounts.google.com', 'accounts.google.com'])('signs ID tokens of %s, with keys at its own address', async (iss) => {
    const { payload } = await jwtVerify(await google.mintIdToken(clientId, { iss }), createRemoteJWKSet(new URL(google.jwksUri)), { issuer: iss, audience: clientId });
    expect(payload).toMatchObject({ hd: 'acme.example', email: 'alice@acme.example', email_verified: true });
  });

  it('tells in tokeninfo whose an access token is, with numbers and booleans as strings', async () => {
    const token = google.issueAccessToken({ clientId, authorizedParty: 'other' });
    expect(token).toMatch(/^ya29\.[\w-]+$/);
    const answer = { aud: clientId, azp: 'other', sub: googleUser.sub, scope: expect.any(String), expires_in: expect.stringMatching(/^\d+$/), email_verified: 'true' };
    expect(await (await tokenInfo(token)).json()).toMatchObject(answer);
    expect(await (await fetch(`${google.tokenInfoEndpoint}?access_token=${token}`)).json()).toMatchObject(answer);
  });

  it('answers userinfo for a token of any client, without saying of which', async () => {
    const answer = await (await userInfo(google.issueAccessToken({ clientId: 'somebody-else' }))).json();
    expect(answer).toMatchObject({ sub: googleUser.sub, email_verified: true, picture: expect.any(String) });
    expect(JSON.stringify(answer)).not.toContain('somebody-else');
  });

  it('knows no revoked, expired or invented token', async () => {
    const revoked = google.issueAccessToken({ clientId });
    google.revoke(revoked);
    for (const token of [revoked, google.issueAccessToken({ clientId, expiresIn: -1 }), 'ya29.invented']) {
      const info = await tokenInfo(token);
      expect([info.status, await info.json()]).toEqual([400, { error: 'invalid_token', error_description: 'Invalid Value' }]);
      expect((await userInfo(token)).status).toBe(401);
    }
  });
});
