/** Costs of a call's credential in the built gateway's own classes, as JSON. Started with --expose-gc. */
import { Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { Secret } from '@gatehouse-mcp/oauth';
import { FakeIssuer } from '@gatehouse-mcp/testing';
import { fetch } from 'undici';
import { withoutMemory } from '../../dist/cli/without-memory.js';
import { liveSchema } from '../../dist/config/configuration.schema.js';
import { createLinks } from '../../dist/credentials/strategies.js';
import { GrantedTokens } from '../../dist/token-exchange/granted.tokens.js';
import { TokenEndpoints } from '../../dist/token-exchange/token.endpoints.js';

const CACHED_RUNS = 200_000;
const COLD_RUNS = 300;
const USERS = 10_000;

const issuer = await FakeIssuer.start();
const settings = liveSchema.parse({
  providers: { corp: { preset: 'oidc', issuer: issuer.url } },
  tenants: { acme: {} },
  apis: [
    {
      name: 'items',
      tenant: 'acme',
      openapi: 'file:./items.json',
      credentials: [
        { type: 'token-exchange', when: 'user', provider: 'corp', clientId: 'gatehouse', clientSecret: 'env:SECRET', audience: 'items-api' },
        { type: 'api-key', when: 'machine', in: 'header', name: 'x-key', value: 'env:SECRET' },
      ],
    },
  ],
});
const secrets = new Map([['env:SECRET', new Secret('secret')]]);
const egress = new Egress(new EgressPolicy([issuer.host]));
const endpoints = new TokenEndpoints(() => egress);
const [exchange, apiKey] = createLinks({ revision: '1', settings, secrets, endpoints, tokens: new GrantedTokens(), ...withoutMemory }).values();
const scopes = ['items:read', 'items:write'];
const tenant = { id: 'acme', name: 'acme' };
const expiresAt = Math.floor(Date.now() / 1_000) + 3_600;

const callOf = async (subject) => ({
  tenant,
  caller: { provider: 'corp', issuer: issuer.url, subject, kind: 'user', expiresAt, scopes: new Set(scopes), roles: new Set() },
  subjectToken: new Secret(await issuer.mint({ sub: subject, tenant: 'acme', aud: 'https://mcp.acme.example/mcp' })),
  signal: new AbortController().signal,
});

const figures = { ...(await measureCached()), ...(await measureCold()), ...(await measureMemory()) };
console.log(JSON.stringify(figures));
process.exit(0);

/** The exchange's token from the cache, beside a key that is the same for everybody, microseconds. */
async function measureCached() {
  const call = await callOf('cached');
  const cost = async (link) => {
    const run = async (count) => {
      for (let index = 0; index < count; index += 1) await link.obtain(call, scopes);
    };
    await run(CACHED_RUNS / 4);
    return micros(CACHED_RUNS, run);
  };
  return { cached: await cost(exchange), apiKey: await cost(apiKey) };
}

/** Exchanges of tokens never seen, beside the same request without a gateway, turn by turn, milliseconds. */
async function measureCold() {
  const times = { cold: [], direct: [] };
  for (let index = 0; index < COLD_RUNS; index += 1) {
    const call = await callOf(`cold-${index}`);
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: call.subjectToken.reveal(),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: 'items-api',
      scope: scopes.join(' '),
    });
    times.direct.push(await millis(async () => (await fetch(`${issuer.url}/token`, { method: 'POST', body: form, headers: { authorization: `Basic ${btoa('gatehouse:secret')}` } })).text()));
    times.cold.push(await millis(() => exchange.obtain(call, scopes)));
  }
  return { cold: medianOf(times.cold), direct: medianOf(times.direct) };
}

/** Bytes of heap for each cached token of another user; the tokens' own texts are in it. */
async function measureMemory() {
  const calls = await Promise.all(Array.from({ length: USERS }, (_, index) => callOf(`user-${index}`)));
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < USERS; index += 50) await Promise.all(calls.slice(index, index + 50).map((call) => exchange.obtain(call, scopes)));
  // What the fake keeps of its requests is not the gateway's.
  issuer.requests.length = 0;
  issuer.tokenRequests.length = 0;
  gc();
  return { bytesPerEntry: (process.memoryUsage().heapUsed - before) / USERS };
}

async function micros(count, run) {
  const start = process.hrtime.bigint();
  await run(count);
  return Number(process.hrtime.bigint() - start) / 1_000 / count;
}

async function millis(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function medianOf(values) {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)];
}
