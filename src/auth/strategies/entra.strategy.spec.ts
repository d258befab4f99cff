import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeEntra } from '@gatehouse-mcp/testing';
import { startSignIn, type TestSignIn } from '../../../test/tools/sign-in.js';

const ours = 'aaaaaaaa-0000-4000-8000-000000000001';
const partner = 'bbbbbbbb-0000-4000-8000-000000000002';
const stranger = 'cccccccc-0000-4000-8000-000000000003';
const group = '0f2c0000-0000-4000-8000-00000000aaaa';
const secrets = { 'env:ENTRA_SECRET': 'app-secret' };

let entra: FakeEntra;
let corp: TestSignIn;
const settings = (more: object = {}) => ({ preset: 'entra', tenantId: [ours, partner], clientId: entra.appId, authority: entra.url, version1Issuer: `${entra.url}/sts`, ...more });
const withGroups = () => settings({ groupOverage: { clientSecret: 'env:ENTRA_SECRET', graphUrl: entra.url }, roles: [{ claim: 'groups', map: { [group]: 'orders-admin' } }, { claim: 'roles' }] });

beforeAll(async () => {
  entra = await FakeEntra.start();
  entra.apps.set(entra.appId, 'app-secret');
  corp = await startSignIn({ entra: withGroups() }, { secrets });
});
afterAll(async () => {
  await Promise.all([corp.stop(), entra.stop()]);
});

describe('Entra ID', () => {
  it('takes version 1.0 and 2.0 tokens, and the same person is the same caller', async () => {
    const v1 = await corp.verify(await entra.mintUserToken({ tenant: ours, version: 1 }));
    const v2 = await corp.verify(await entra.mintUserToken({ tenant: ours, version: 2 }));
    expect(v2.caller).toMatchObject({ issuer: `${entra.url}/${ours}/v2.0`, kind: 'user', name: 'Alice Archer', scopes: new Set(['Orders.Read', 'access_as_user']) });
    expect(v2.caller.subject).toMatch(new RegExp(`^${ours}/`));
    expect([v1.caller.issuer, v1.caller.subject]).toEqual([v2.caller.issuer, v2.caller.subject]);
    expect([v1.audiences, v2.audiences]).toEqual([[`api://${entra.appId}`], [entra.appId]]);
  });

  it('keeps the same object id of two directories apart', async () => {
    const [one, other] = await Promise.all([ours, partner].map(async (tenant) => corp.verify(await entra.mintUserToken({ tenant, version: 2 }))));
    expect(one?.caller.subject).not.toBe(other?.caller.subject);
  });

  it('refuses a directory that is not named, and a tid that is not the issuer\'s (attack 17)', async () => {
    await expect(async () => corp.verify(await entra.mintUserToken({ tenant: stranger, version: 2 }))).rejects.toMatchObject({ reason: 'unknown_issuer' });
    await expect(async () => corp.verify(await entra.mintUserToken({ tenant: partner, version: 2, claims: { tid: ours } }))).rejects.toMatchObject({ reason: 'unknown_issuer' });
  });

  it('refuses a token whose version is not that of its issuer', async () => {
    await expect(async () => corp.verify(await entra.mintUserToken({ tenant: ours, version: 2, claims: { ver: '1.0' } }))).rejects.toMatchObject({ reason: 'token_version' });
  });

  it.each([1, 2] as const)('recognises an application\'s own token of version %s, with and without idtyp', async (version) => {
    const said = await corp.verify(await entra.mintAppToken({ tenant: ours, version }));
    const seen = await corp.verify(await entra.mintAppToken({ tenant: ours, version, claims: { idtyp: undefined } }));
    for (const { caller } of [said, seen]) expect(caller).toMatchObject({ kind: 'machine', roles: new Set(['Orders.Read.All']) });
  });

  it('refuses an ID token: no scope, and nobody\'s own (attack 25)', async () => {
    await expect(async () => corp.verify(await entra.mintUserToken({ tenant: ours, version: 2, claims: { scp: undefined } }))).rejects.toMatchObject({ reason: 'id_token' });
  });

  it('asks Graph for the groups of a user with too many, once, and never where the token points', async () => {
    const oid = 'a11ce000-0000-4000-8000-0000000000aa';
    entra.graph.setGroups(ours, oid, [group, ...Array.from({ length: 300 }, (_, index) => `group-${index}`)]);
    const before = entra.requests.length;
    for (let count = 0; count < 3; count++) {
      const { caller } = await corp.verify(await entra.mintUserToken({ tenant: ours, version: 2, claims: { oid, ...entra.groupOverage(ours, oid) } }));
      expect(caller.roles).toEqual(new Set(['orders-admin']));
    }
    const asked = entra.requests.slice(before).map(({ path }) => path);
    expect(asked.filter((path) => path.endsWith('/getMemberObjects'))).toEqual([`/v1.0/users/${oid}/getMemberObjects`]);
    expect(asked.filter((path) => path.startsWith('/retired-graph'))).toEqual([]);
  });

  it.each([['denied', /GroupMember\.Read\.All/], ['throttled', /cannot be asked now/]] as const)('guesses no roles when Graph says %s: 503', async (refusal, message) => {
    const oid = `a11ce000-0000-4000-8000-00000000${refusal === 'denied' ? 'dddd' : 'eeee'}`;
    entra.graph.setGroups(ours, oid, [group]);
    entra.graph.refusal = refusal;
    const refused = corp.verify(await entra.mintUserToken({ tenant: ours, version: 2, claims: { oid, hasgroups: true } }));
    await expect(refused).rejects.toMatchObject({ status: 503 });
    await expect(refused).rejects.toThrow(message);
    entra.graph.refusal = undefined;
  });

  it('without access to Graph has no groups for such a user, rather than any', async () => {
    const plain = await startSignIn({ entra: settings({ roles: { claim: 'groups', map: { [group]: 'orders-admin' } } }) });
    const { caller } = await plain.verify(await entra.mintUserToken({ tenant: ours, version: 2, claims: { hasgroups: true } }));
    expect(caller.roles.size).toBe(0);
    await plain.stop();
  });
});
