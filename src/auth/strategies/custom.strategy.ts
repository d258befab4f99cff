import { describeFailure, type IssuerFetch, type Secret } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../../config/configuration.error.js';
import { loadOperatorModule } from '../../config/operator-module.js';
import { judgeClaims, readAudiences, toCaller } from '../claims.js';
import { providerUnavailable } from '../provider.http.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import { BearerStrategy, type StrategyFactory } from './strategy.js';

/** What a verifier of one's own is made from. */
export interface VerifierParts {
  /** `options` of the provider, as written. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `secrets` of the provider, read; `reveal()` gives the value. */
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Reaches what `egress` allows, in 2 s, behind the provider's breaker. */
  readonly fetch: IssuerFetch;
}

/** A credential that the verifier refuses, in words that its sender may read. */
export interface Refusal {
  readonly refused: string;
}

/**
 * Proves a credential. The claims must have `sub`, `exp` (seconds since the epoch) and an `aud` that is this gateway's; what it
 * throws means that nobody can tell now (503).
 */
export type Verifier = (token: string) => Promise<Claims | Refusal> | Claims | Refusal;

/** Default export of a provider's `module`. */
export type CreateVerifier = (parts: VerifierParts) => Verifier;

/** A verifier that is silent for so many milliseconds is taken for one that cannot tell. */
const DEADLINE_MS = 5_000;

/** A verifier of one's own: `preset: custom` with the file that makes it. Lifetime, audience and tenant are judged as everywhere. */
export const createCustomStrategy: StrategyFactory<'custom'> = (context) => {
  const { id, settings, fetch, secret, file } = context;
  const secrets = Object.fromEntries(Object.entries(settings.secrets).map(([name, reference]) => [name, secret(reference)]));
  const verify = makeVerifier(id, file(settings.module), { options: settings.options, secrets, fetch });
  return new BearerStrategy(async (token) => {
    const answer = await ask(id, verify, token);
    if (isRefusal(answer)) throw new TokenError('refused', answer.refused.slice(0, 200));
    judgeClaims(answer, settings, Date.now() / 1_000);
    const issuer = answer['iss'];
    return {
      caller: toCaller(context, answer, { issuer: typeof issuer === 'string' ? issuer : (settings.issuers[0] ?? id) }),
      audiences: readAudiences(answer),
      isExchangeable: settings.issuers.length > 0,
    };
  });
};

/**
 * Loads the module and lets it make the verifier.
 * @param path of the file, absolute
 * @throws ConfigurationError that names the provider's `module`
 */
export function makeVerifier(id: string, path: string, parts: VerifierParts): Verifier {
  const problem = (message: string) => new ConfigurationError('the configuration', [{ path: `providers.${id}.module`, message }]);
  const create = loadOperatorModule(path, problem);
  let verify: unknown;
  try {
    verify = create(parts);
  } catch (error) {
    throw problem(`makes no verifier (${describeFailure(error)})`);
  }
  if (typeof verify !== 'function') throw problem('makes no verifier: its default export must return a function');
  // The operator's own code; what it returns is judged when it is used.
  return verify as Verifier;
}

async function ask(id: string, verify: Verifier, token: string): Promise<Claims | Refusal> {
  try {
    const answer = await withinDeadline(verify, token);
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch (error) {
    throw providerUnavailable(`the verifier of provider "${id}" failed`, error);
  }
  throw providerUnavailable(`the verifier of provider "${id}" answered neither claims nor a refusal`, undefined);
}

async function withinDeadline(verify: Verifier, token: string): Promise<Claims | Refusal> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([verify(token), late]);
  } finally {
    clearTimeout(timer);
  }
}

const isRefusal = (answer: Claims | Refusal): answer is Refusal => 'refused' in answer && typeof answer.refused === 'string';
