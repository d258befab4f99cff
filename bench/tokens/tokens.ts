import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { BenchError } from '../bench.error.js';
import type { Cores } from '../cores.js';
import type { Gatehouse } from '../gatehouse.js';
import { checkoutFolder } from '../paths.js';
import { spreadOf, type Spread } from '../report.js';
import { callFor, p99Of } from '../valid-users.js';

/** Microseconds, by name; see verification.process.mjs. */
type Verification = Readonly<Record<'cached' | 'cachedHash' | 'firstRS256' | 'bareRS256' | 'firstES256' | 'bareES256', number>>;

export interface TokenReport {
  readonly verification: Readonly<Record<keyof Verification, Spread>>;
  readonly attack: AttackReport;
}

/** Attack 26: tokens with random key ids beside valid users. */
export interface AttackReport {
  readonly forged: number;
  /** Requests for the issuer's keys during the attack. */
  readonly keyFetches: number;
  /** Milliseconds of valid users' calls before the attack and during it. */
  readonly p99Before: number;
  readonly p99During: number;
}

const ROUNDS = 5;
const FORGED = 10_000;
const ATTACK_MS = 10_000;
const FORGERS = 8;

export async function measureTokens(gatehouse: Gatehouse, cores: Cores, progress: (line: string) => void): Promise<TokenReport> {
  const rounds = Array.from({ length: ROUNDS }, () => measureVerification(cores));
  const of = (name: keyof Verification) => spreadOf(rounds.map((round) => round[name]));
  progress('tokens: cached and first verifications measured, now 10,000 forged ones beside valid users');
  return {
    verification: { cached: of('cached'), cachedHash: of('cachedHash'), firstRS256: of('firstRS256'), bareRS256: of('bareRS256'), firstES256: of('firstES256'), bareES256: of('bareES256') },
    attack: await attack(gatehouse),
  };
}

export function describeTokens({ verification, attack: { forged, keyFetches, p99Before, p99During } }: TokenReport): string {
  const text = ({ min, median, max }: Spread) => [min, median, max].map((value) => value.toFixed(1)).join(' – ');
  const beside = (name: string, one: Spread, other: Spread, what: string) => `${name.padEnd(26)}${text(one)}   (${what} ${text(other)}, ratio ${(one.median / other.median).toFixed(1)})`;
  return [
    'token verification, µs, min – median – max of five processes:',
    beside('  cached (goal 3)', verification.cached, verification.cachedHash, 'SHA-256 of the token'),
    beside('  first RS256', verification.firstRS256, verification.bareRS256, 'crypto.verify'),
    beside('  first ES256', verification.firstES256, verification.bareES256, 'crypto.verify'),
    `${forged} tokens with random key ids in ${ATTACK_MS / 1_000} s: ${keyFetches} fetches of the keys; valid users' p99 ${p99Before.toFixed(1)} → ${p99During.toFixed(1)} ms, ratio ${(p99During / p99Before).toFixed(2)} (bound 2)`,
  ].join('\n');
}

function measureVerification({ server }: Cores): Verification {
  const { status, stdout, stderr } = spawnSync('taskset', ['-c', String(server), process.execPath, join(checkoutFolder, 'bench/tokens/verification.process.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new BenchError(`the token bench failed: ${stderr.trim().split('\n').at(-1)}`);
  // The process prints these members and nothing else.
  return JSON.parse(stdout) as Verification;
}

/** Valid users call on; then forgers send as many tokens as the attack has, spread over its time. */
async function attack({ request: call, issuer, forge }: Gatehouse): Promise<AttackReport> {
  const agent = new Agent({ connections: FORGERS });
  const forged = await Promise.all(Array.from({ length: FORGED }, (_, index) => forge(`random-${index}`)));
  const send = async (headers: Readonly<Record<string, string>>) => {
    const { statusCode, body } = await request(call.url, { dispatcher: agent, method: 'POST', headers, ...(call.body === undefined ? {} : { body: call.body }) });
    await body.dump();
    return statusCode;
  };
  const before = await callFor(ATTACK_MS, call);
  const fetches = issuer.fetches.get('/jwks') ?? 0;
  const start = performance.now();
  const [during] = await Promise.all([callFor(ATTACK_MS, call), ...Array.from({ length: FORGERS }, (_, lane) => sendForged(lane))]);
  await agent.destroy();
  return { forged: FORGED, keyFetches: (issuer.fetches.get('/jwks') ?? 0) - fetches, p99Before: p99Of(before), p99During: p99Of(during) };

  async function sendForged(lane: number): Promise<void> {
    for (let index = lane; index < FORGED; index += FORGERS) {
      const due = start + (index / FORGED) * ATTACK_MS;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const status = await send({ ...call.headers, authorization: `Bearer ${forged[index]}` });
      if (status !== 401 && status !== 503) throw new BenchError(`a forged token was answered ${status}`);
    }
  }
}
