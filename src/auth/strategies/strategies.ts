import type { ProviderOf, ProviderSettings } from '../../config/provider.schema.js';
import type passport from 'passport';
import { createApiKeyStrategy } from './api-key.strategy.js';
import { createCustomStrategy } from './custom.strategy.js';
import { createEntraStrategy } from './entra.strategy.js';
import { createEnvironmentStrategy } from './environment.strategy.js';
import { createGithubStrategy } from './github.strategy.js';
import { createGoogleStrategy } from './google.strategy.js';
import { createIntrospectionStrategy } from './introspection.strategy.js';
import { createOidcStrategy } from './oidc.strategy.js';
import type { StrategyContext, StrategyFactory } from './strategy.js';

/** The strategy of each preset. A new one is a file beside this one, its settings in provider.schema.ts, and a line here. */
const factories: { readonly [P in ProviderSettings['preset']]: StrategyFactory<P> } = {
  oidc: createOidcStrategy,
  keycloak: createOidcStrategy,
  okta: createOidcStrategy,
  auth0: createOidcStrategy,
  entra: createEntraStrategy,
  google: createGoogleStrategy,
  github: createGithubStrategy,
  introspection: createIntrospectionStrategy,
  apiKey: createApiKeyStrategy,
  environment: createEnvironmentStrategy,
  custom: createCustomStrategy,
};

export function createStrategy<P extends ProviderSettings['preset']>(context: StrategyContext<ProviderOf<P>>): passport.Strategy | Promise<passport.Strategy> {
  // The preset of the settings picks the factory of the same preset, which an index type cannot follow.
  const create = factories[context.settings.preset] as StrategyFactory<P>;
  return create(context);
}
