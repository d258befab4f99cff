import * as crypto from 'node:crypto';
import { Secret } from '@gatehouse-mcp/oauth';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { createApiKey, hmacOf, parseApiKey } from '../../src/auth/api-keys/api-key.format.js';
import { addApiKey, revokeApiKey, rotateApiKey, type StoredApiKey } from '../../src/auth/api-keys/api-key.store.js';
import { addRevocation } from '../../src/auth/revocations/revocation.store.js';
import { HMAC_KEY, startEveryProvider, type EveryProvider } from '../tools/every-provider.js';
import { startSignIn } from '../tools/sign-in.js';

const making = { prefix: 'gatehouse', hmacKey: new Secret(HMAC_KEY) };
const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
let every: EveryProvider;
let replica: Awaited<ReturnType<EveryProvider['gateway']['replica']>>;

beforeAll(async () => {
  every = await startEveryProvider();
  replica = await every.gateway.replica();
});
afterAll(async () => {
  await replica.stop();
  await every.stop();
});
afterEach(() => {
  jest.restoreAllMocks();
});

const source = () => every.gateway.app.get(DataSource);
const grant = { provider: 'keys', name: 'ci', owner: 'ci', tenant: 'acme', scopes: ['items:read'], roles: [] };
const inAnHour = () => new Date(Date.now() + 3_600_000);

async function statusAt(url: string, key: string, header = 'x-api-key'): Promise<number> {
  const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { [header]: header === 'x-api-key' ? key : `Bearer ${key}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' }, body: JSON.stringify(list) });
  await response.body?.cancel();
  return response.status;
}

/** Both replicas, within the 5 s of an administrator's change. */
async function until(status: number, key: string): Promise<readonly number[]> {
  const deadline = performance.now() + 5_000;
  let seen: number[] = [];
  while (performance.now() < deadline) {
    seen = await Promise.all([every.gateway.url, replica.url].map((url) => statusAt(url, key)));
    if (seen.every((one) => one === status)) break;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return seen;
}

async function makeKey(expiresAt = inAnHour(), owner = 'ci') {
  const { id, key } = await addApiKey(source(), { ...grant, owner, expiresAt }, making);
  return { id, key: key.reveal() };
}

const replaceAt = (text: string, index: number) => text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1);

/** Security attack 38. */
describe('an API key that is not a good one', () => {
  it('is refused when it is wrong by one character, anywhere, in either header', async () => {
    const { key } = await makeKey();
    expect(await until(200, key)).toEqual([200, 200]);
    for (let index = 0; index < key.length; index++) {
      const changed = replaceAt(key, index);
      // The last character too, two of whose bits say nothing: the text is compared, not the bytes that it stands for.
      expect([index, await statusAt(every.gateway.url, changed)]).toEqual([index, 401]);
    }
    for (const changed of [key.slice(0, -1), `${key}A`, key.toUpperCase(), `${key}=`, key.replace('_', '-')]) expect(await statusAt(every.gateway.url, changed)).toBe(401);
    expect(await statusAt(every.gateway.url, key, 'authorization')).toBe(200);
    expect(await statusAt(every.gateway.url, replaceAt(key, key.length - 5), 'authorization')).toBe(401);
  });

  it('is refused when its id is unknown, or another key\'s', async () => {
    const [one, other] = [await makeKey(), await makeKey()];
    expect(await until(200, other.key)).toEqual([200, 200]);
    expect(await statusAt(every.gateway.url, one.key.replace(one.id, '0'.repeat(16)))).toBe(401);
    expect(await statusAt(every.gateway.url, one.key.replace(one.id, other.id))).toBe(401);
  });

  it('is refused by every replica within 5 s when it was revoked', async () => {
    const { id, key } = await makeKey();
    expect(await until(200, key)).toEqual([200, 200]);
    expect(await revokeApiKey(source(), id)).toBe(true);
    expect(await until(401, key)).toEqual([401, 401]);
  });

  it('is refused when its owner was revoked in the second in which it was made', async () => {
    const { key } = await makeKey(inAnHour(), 'leaving');
    await addRevocation(source(), { kind: 'subject', provider: 'keys', value: 'leaving', reason: '', expiresAt: inAnHour() });
    expect(await until(401, key)).toEqual([401, 401]);
  });

  it('is refused when it has expired, from the cache too, and after its overlap when it was replaced', async () => {
    const { key } = await makeKey(new Date(Date.now() + 1_500));
    expect(await until(200, key)).toEqual([200, 200]);
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    expect(await statusAt(every.gateway.url, key)).toBe(401);
    const old = await makeKey();
    expect(await until(200, old.key)).toEqual([200, 200]);
    const replaced = await rotateApiKey(source(), old.id, { expiresAt: inAnHour(), overlap: 1_000 }, making);
    expect(await until(200, replaced!.key.reveal())).toEqual([200, 200]);
    expect(await until(401, old.key)).toEqual([401, 401]);
    expect(await statusAt(every.gateway.url, replaced!.key.reveal())).toBe(200);
  });

  it('is refused when it is long, and with 1 MB by the server before anything reads it', async () => {
    const { key } = await makeKey();
    for (const header of ['x-api-key', 'authorization']) {
      expect(await statusAt(every.gateway.url, key + 'A'.repeat(1_000), header)).toBe(401);
      expect(await statusAt(every.gateway.url, key + 'A'.repeat(16 * 1_024), header)).toBe(401);
      // Node's limit on headers, 32 KB in all: 431, or the connection is cut while we still write.
      const status = await statusAt(every.gateway.url, key + 'A'.repeat(1_024 * 1_024), header).catch(() => 431);
      expect(status).toBe(431);
    }
  });

  it('is in the database only as what it cannot be told from', async () => {
    const { id, key } = await makeKey();
    expect(await until(200, key)).toEqual([200, 200]);
    const secret = key.split('_').slice(2).join('_');
    const bytes = Buffer.from(secret, 'base64url');
    const forms = [secret, bytes.toString('hex'), Buffer.from(secret).toString('hex'), bytes.toString('base64'), crypto.createHash('sha256').update(secret).digest('hex'), crypto.createHash('sha256').update(key).digest('hex')];
    const tables = await source().query<{ name: string }[]>(`SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'gatehouse'`);
    let found = '';
    for (const { name } of tables) found += JSON.stringify(await source().query<object[]>(`SELECT t::text FROM ${name} t`).catch(() => []));
    expect(found).toContain(id);
    expect(forms.filter((form) => found.includes(form))).toEqual([]);
  });
});

/** The keys that are refused, each for another reason. */
function refusals(): { readonly rows: readonly StoredApiKey[]; readonly keys: Readonly<Record<string, string>> } {
  const make = (more: Partial<StoredApiKey> = {}) => {
    const { id, key } = createApiKey('gatehouse');
    const row = { ...grant, id, hmac: hmacOf(making.hmacKey, parseApiKey('gatehouse', key.reveal())!), createdAt: new Date(), expiresAt: inAnHour(), lastUsedAt: null, revokedAt: null, replaces: null, ...more };
    return { row, key: key.reveal() };
  };
  const [good, revoked, expired, foreign] = [make(), make({ revokedAt: new Date() }), make({ expiresAt: new Date(0) }), make({ provider: 'other' })];
  const start = 'gatehouse_'.length + 17;
  const keys = { 'wrong at its start': replaceAt(good.key, start), 'wrong at its end': replaceAt(good.key, good.key.length - 2), 'of an unknown id': make().key, revoked: revoked.key, expired: expired.key, 'another provider\'s': foreign.key };
  return { rows: [good, revoked, expired, foreign].map(({ row }) => row), keys };
}

describe('the time that a refused API key takes', () => {
  // The deterministic half of "no significant timing gap": the same work, whatever is wrong, so there is nothing to measure.
  it('is that of one HMAC and one whole comparison of 32 bytes, whatever is wrong with it', async () => {
    const { rows, keys } = refusals();
    const signIn = await startSignIn({ keys: { preset: 'apiKey', hmacKey: 'env:HMAC' } }, { secrets: { 'env:HMAC': HMAC_KEY }, tenants: { acme: {} }, apiKeys: rows });
    const builtin = jest.requireActual<typeof crypto>('node:crypto');
    const [hmac, compare] = [jest.spyOn(builtin, 'createHmac'), jest.spyOn(builtin, 'timingSafeEqual')];
    const work: Record<string, unknown> = {};
    for (const [name, key] of Object.entries(keys)) {
      hmac.mockClear();
      compare.mockClear();
      await expect(signIn.verify(key)).rejects.toMatchObject({ reason: 'api_key' });
      work[name] = [hmac.mock.calls.length, compare.mock.calls.map(([one, other]) => [one.byteLength, other.byteLength])];
    }
    await signIn.stop();
    expect(work).toEqual(Object.fromEntries(Object.keys(keys).map((name) => [name, [1, [[32, 32]]]])));
  });

  // The other half is generous, because the machine is shared: interleaved rounds and medians, which find a query or a wait.
  it('does not differ by much between an unknown id and a secret that is nearly right', async () => {
    const { rows, keys } = refusals();
    const signIn = await startSignIn({ keys: { preset: 'apiKey', hmacKey: 'env:HMAC' } }, { secrets: { 'env:HMAC': HMAC_KEY }, tenants: { acme: {} }, apiKeys: rows });
    const names = ['wrong at its start', 'wrong at its end', 'of an unknown id', 'revoked'];
    const times = new Map<string, number[]>(names.map((name) => [name, []]));
    for (let round = 0; round < 1_500; round++) {
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        const started = performance.now();
        await signIn.verify(keys[name]!).catch(() => undefined);
        if (round >= 300) times.get(name)!.push(performance.now() - started);
      }
    }
    await signIn.stop();
    const medians = names.map((name) => times.get(name)!.toSorted((one, other) => one - other)[600]!);
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
  });
});
