import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { Secret } from '@gatehouse-mcp/oauth';
import { FakeIntrospection } from '@gatehouse-mcp/testing';
import { liveSchema } from '../config/configuration.schema.js';
import type { LiveConfiguration, LiveSnapshot, Preparation } from '../config/live-configuration.js';
import type { SecretReader } from '../config/secret-reference.js';
import type { ApiKeys } from './api-keys/api-keys.js';
import type { KnownIdentities } from './identities/known-identities.js';
import type { Revocations } from './revocations/revocations.js';
import { StrategyParts } from './strategy-parts.js';
import { TokenVerifier } from './token.verifier.js';

let server: FakeIntrospection;
let parts: StrategyParts;

beforeAll(async () => {
  server = await FakeIntrospection.start();
  server.registerClient({ id: 'gatehouse', secret: 's' });
  const egress = new Egress(new EgressPolicy([server.host]));
  // Neither files nor keys are read here.
  parts = new StrategyParts(() => egress, {} as SecretReader, { find: () => undefined, markUsed: () => undefined });
});
afterAll(async () => {
  await parts.onApplicationShutdown();
  await server.stop();
});

/** A verifier on one configuration; `revoke` is what an administrator's revocation calls. */
async function startVerifier(cacheFor: string) {
  const provider = { preset: 'introspection', issuer: server.issuer, clientId: 'gatehouse', clientSecret: 'env:S', cacheFor };
  const settings = liveSchema.parse({ providers: { corp: provider }, tenants: { acme: { rules: [{ provider: 'corp' }] } } });
  // Of a snapshot, verification reads these members.
  const snapshot = { revision: '1', settings, secrets: new Map([['env:S', new Secret('s')]]) } as unknown as LiveSnapshot;
  const listeners: (() => void)[] = [];
  const changes = { onChange: (listener: () => void) => void listeners.push(listener), judge: () => undefined };
  const live = { current: snapshot, follow: async (prepare: Preparation) => (await prepare(snapshot))() };
  const seen = { see: () => undefined };
  // Services around it, with the members that it uses.
  const verifier = new TokenVerifier(live as unknown as LiveConfiguration, parts, changes as unknown as Revocations, seen as unknown as KnownIdentities, changes as unknown as ApiKeys);
  await verifier.onModuleInit();
  return { verify: (token: string) => verifier.verify(new Secret(token), undefined), revoke: () => listeners.forEach((listener) => listener()) };
}

const asked = () => server.fetches.get('/introspect') ?? 0;
const activate = (token: string) => server.activate(token, { sub: 'alice', aud: 'x', exp: Math.floor(Date.now() / 1_000) + 600 });

describe('the verification of a token', () => {
  it('asks once for many calls at the same time, and not again until the bound is over', async () => {
    const { verify } = await startVerifier('300ms');
    activate('many');
    const before = asked();
    await Promise.all(Array.from({ length: 50 }, () => verify('many')));
    await verify('many');
    expect(asked() - before).toBe(1);
    server.end('many');
    await new Promise((resolve) => setTimeout(resolve, 350));
    await expect(verify('many')).rejects.toMatchObject({ reason: 'inactive' });
  });

  it('is repeated at once after an administrator revoked something', async () => {
    const { verify, revoke } = await startVerifier('10m');
    activate('revoked');
    await verify('revoked');
    server.end('revoked');
    await expect(verify('revoked')).resolves.toBeDefined();
    revoke();
    await expect(verify('revoked')).rejects.toMatchObject({ reason: 'inactive' });
  });

  it('that was under way when an administrator revoked something is not remembered', async () => {
    const { verify, revoke } = await startVerifier('10m');
    activate('slow');
    server.delayMs = 200;
    const underWay = verify('slow');
    await new Promise((resolve) => setTimeout(resolve, 50));
    revoke();
    await underWay;
    server.delayMs = 0;
    server.end('slow');
    await expect(verify('slow')).rejects.toMatchObject({ reason: 'inactive' });
  });

  it('remembers a refusal, so that a client that repeats itself costs the provider one question', async () => {
    const { verify } = await startVerifier('1m');
    const before = asked();
    for (let count = 0; count < 20; count++) await expect(verify('unknown')).rejects.toMatchObject({ reason: 'inactive' });
    expect(asked() - before).toBe(1);
  });

  it('does not remember that nobody could tell, and keeps what it knew (fault 4)', async () => {
    const { verify } = await startVerifier('1m');
    activate('known');
    await verify('known');
    server.fixed.set('/introspect', { status: 500, body: '' });
    await expect(verify('known')).resolves.toBeDefined();
    await expect(verify('late')).rejects.toMatchObject({ status: 503 });
    server.fixed.delete('/introspect');
    activate('late');
    await expect(verify('late')).resolves.toBeDefined();
  });
});
