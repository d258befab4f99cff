/** Costs of verifying a token in the built gateway's own classes, in microseconds, as JSON. No network but the first fetch of the keys. */
import { createPublicKey, hash, verify } from 'node:crypto';
import { Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { Secret } from '@gatehouse-mcp/oauth';
import { FakeIssuer, SigningKey } from '@gatehouse-mcp/testing';
import { StrategyParts } from '../../dist/auth/strategy-parts.js';
import { TokenVerifier } from '../../dist/auth/token.verifier.js';
import { liveSchema } from '../../dist/config/configuration.schema.js';

const CACHED_RUNS = 200_000;
const FIRST_RUNS = 2_000;

const issuer = await FakeIssuer.start();
const keys = { RS256: await SigningKey.generate('rsa', 'RS256'), ES256: await SigningKey.generate('ec', 'ES256') };
for (const { jwk } of Object.values(keys)) issuer.jwks.keys.push(jwk);

const settings = liveSchema.parse({ providers: { corp: { preset: 'oidc', issuer: issuer.url } }, tenants: { acme: { rules: [{ provider: 'corp', claim: 'tenant', equals: 'acme' }] } } });
const snapshot = { revision: '1', settings, secrets: new Map() };
const egress = new Egress(new EgressPolicy([issuer.host]));
const nothing = { onChange: () => {}, judge: () => {}, see: () => {}, find: () => {}, markUsed: () => {} };
const live = { current: snapshot, follow: async (prepare) => (await prepare(snapshot))() };
const verifier = new TokenVerifier(live, new StrategyParts(() => egress, nothing, nothing), nothing, nothing, nothing);
await verifier.onModuleInit();

const exp = Math.floor(Date.now() / 1_000) + 3_600;
const mint = (algorithm, number) => keys[algorithm].sign({ iss: issuer.url, sub: `user-${number}`, aud: 'https://mcp.acme.example/mcp', tenant: 'acme', client_id: 'agent', scope: 'openid orders:read', exp, jti: String(number) });

const figures = { ...(await measureCached()), ...(await measureFirst('RS256')), ...(await measureFirst('ES256')) };
console.log(JSON.stringify(figures));
process.exit(0);

/** A token that was verified before, beside a SHA-256 of it, which the cache's key needs at least. */
async function measureCached() {
  const token = new Secret(await mint('RS256', 0));
  const text = token.reveal();
  const run = async (count) => {
    for (let index = 0; index < count; index += 1) await verifier.verify(token, undefined);
  };
  await run(CACHED_RUNS / 4);
  const cached = await micros(CACHED_RUNS, run);
  const bare = await micros(CACHED_RUNS, async (count) => {
    for (let index = 0; index < count; index += 1) hash('sha256', text, 'base64');
  });
  return { cached, cachedHash: bare };
}

/** Tokens never seen before, one after the other, beside the bare signature check of the same tokens with the same key. */
async function measureFirst(algorithm) {
  const tokens = await Promise.all(Array.from({ length: FIRST_RUNS * 2 }, (_, index) => mint(algorithm, `${algorithm}-${index}`)));
  const key = createPublicKey({ key: keys[algorithm].jwk, format: 'jwk' });
  const encoding = algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key;
  let next = 0;
  const run = async (count) => {
    for (let index = 0; index < count; index += 1) await verifier.verify(new Secret(tokens[next++]), undefined);
  };
  await run(FIRST_RUNS);
  const first = await micros(FIRST_RUNS, run);
  const bare = await micros(FIRST_RUNS, async (count) => {
    for (let index = 0; index < count; index += 1) {
      const [header, payload, signature] = tokens[index].split('.');
      if (!verify('sha256', Buffer.from(`${header}.${payload}`), encoding, Buffer.from(signature, 'base64url'))) throw new Error('a good signature was refused');
    }
  });
  return { [`first${algorithm}`]: first, [`bare${algorithm}`]: bare };
}

async function micros(count, run) {
  const start = process.hrtime.bigint();
  await run(count);
  return Number(process.hrtime.bigint() - start) / 1_000 / count;
}
