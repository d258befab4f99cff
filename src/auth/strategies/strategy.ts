import type { IssuerFetch, IssuerKeys, Secret } from '@gatehouse-mcp/oauth';
import passport from 'passport';
import type { LiveSettings } from '../../config/configuration.schema.js';
import type { ProviderOf, ProviderSettings } from '../../config/provider.schema.js';
import type { StoredApiKey } from '../api-keys/api-key.store.js';
import { TokenError } from '../token.error.js';
import type { VerifiedToken } from '../verified-token.js';

/** What a strategy is asked to verify, in place of a whole HTTP request. */
export interface TokenRequest {
  readonly token: string;
}

/** What a provider's strategy is made from. */
export interface StrategyContext<P extends ProviderSettings = ProviderSettings> {
  /** Id of the provider. */
  readonly id: string;
  readonly settings: P;
  readonly tenants: LiveSettings['tenants'];
  /** Asks the provider: through the checked egress, in 2 s, behind the provider's breaker. */
  readonly fetch: IssuerFetch;
  /** The keys at a JWKS address, or at the one that the issuer's metadata names; shared between revisions. */
  keys(issuer: string, options?: KeysOptions): IssuerKeys;
  /** What a secret reference of the settings stands for. */
  secret(reference: string): Secret;
  /** A file that the settings name, as an absolute path. */
  file(reference: string): string;
  readonly apiKeys: KeyLookup;
}

/** The stored API keys. */
export interface KeyLookup {
  find(id: string): StoredApiKey | undefined;
  markUsed(id: string): void;
}

export interface KeysOptions {
  readonly jwksUri?: string | undefined;
  /** Algorithm of keys whose JWK names none; without it they are no keys (ADR 2). */
  readonly algorithm?: string;
}

/** Makes the one Passport strategy of a provider. It asks nobody anything yet. @throws ConfigurationError */
export type StrategyFactory<P extends ProviderSettings['preset']> = (context: StrategyContext<ProviderOf<P>>) => passport.Strategy | Promise<passport.Strategy>;

/**
 * A strategy that is one function: the credential goes in; what it proves comes out.
 * The function throws a TokenError when the credential is refused, and anything else when nobody can tell now.
 */
export class BearerStrategy extends passport.Strategy {
  // Not a private name: passport runs each request on an object that only inherits from the strategy.
  private readonly verify: (token: string) => Promise<VerifiedToken> | VerifiedToken;

  constructor(verify: (token: string) => Promise<VerifiedToken> | VerifiedToken) {
    super();
    this.verify = verify;
  }

  override authenticate(request: unknown): void {
    // passport hands on the request it was given, which is a TokenRequest (sign-in.ts).
    const { token } = request as TokenRequest;
    this.prove(token).then(
      (verified) => this.success(verified),
      (error: unknown) => (error instanceof TokenError ? this.fail(refusal(error)) : this.error(error)),
    );
  }

  private async prove(token: string): Promise<VerifiedToken> {
    return this.verify(token);
  }
}

/** passport's type wants a `message`, which the error has; what it carries is the error itself. */
const refusal = (error: TokenError): { message: string } => error;
