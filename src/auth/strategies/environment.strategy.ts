import { toCaller } from '../claims.js';
import { THIS_GATEWAY } from '../verified-token.js';
import { BearerStrategy, type StrategyFactory } from './strategy.js';

/** Seconds that the identity lasts from each request on; there is no credential that could expire. */
const LIFETIME_S = 3_600;

/** Development only: requests from this machine without any credential are the configured person (bearer.guard.ts). */
export const createEnvironmentStrategy: StrategyFactory<'environment'> = (context) => {
  const { subject, name, email, scopes, roles, claims } = context.settings;
  const said = { ...claims, sub: subject, name, email, email_verified: email !== undefined, scope: scopes.join(' ') };
  return new BearerStrategy(() => ({
    caller: toCaller(context, { ...said, exp: Math.floor(Date.now() / 1_000) + LIFETIME_S }, { roles }),
    audiences: THIS_GATEWAY,
    isExchangeable: false,
  }));
};
