import passport from 'passport';
import type { ProviderOf } from '../../config/provider.schema.js';
import { canonicalIssuer, issuersOf, toList } from '../../config/provider-identity.js';
import { judgeClaims, readAudiences, toCaller } from '../claims.js';
import { providerUnavailable } from '../provider.http.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import type { VerifiedToken } from '../verified-token.js';
import { createJwtStrategy } from './oidc.strategy.js';
import { BearerStrategy, type StrategyContext, type StrategyFactory, type TokenRequest } from './strategy.js';

type Context = StrategyContext<ProviderOf<'google'>>;

/** Google's ID tokens by their signature, its opaque access tokens by asking for which client they are. */
export const createGoogleStrategy: StrategyFactory<'google'> = (context) => {
  const { settings } = context;
  const keys = context.keys(canonicalIssuer(settings) ?? '', { jwksUri: settings.jwksUri });
  const idTokens = createJwtStrategy(settings, { issuers: issuersOf(settings), algorithms: ['RS256'], keysOf: () => keys, read: (claims) => describe(context, claims) });
  const accessTokens = new BearerStrategy((token) => askAbout(context, token));
  return new EitherStrategy((token) => (token.startsWith('ya29.') ? accessTokens : idTokens));
};

/** One provider, two kinds of token: the shape picks the strategy, and what that one says is final. */
class EitherStrategy extends passport.Strategy {
  private readonly pick: (token: string) => passport.Strategy;

  constructor(pick: (token: string) => passport.Strategy) {
    super();
    this.pick = pick;
  }

  override authenticate(request: unknown, options?: unknown): void {
    // passport hands on the request it was given, which is a TokenRequest (sign-in.ts).
    const picked = this.pick((request as TokenRequest).token);
    const { success, fail, error } = this;
    Object.assign(Object.create(picked), { success: success.bind(this), fail: fail.bind(this), error: error.bind(this) }).authenticate(request, options);
  }
}

/** `tokeninfo` first: `userinfo` answers for the token of any client, so it proves nothing about whom the token is for. */
async function askAbout(context: Context, token: string): Promise<VerifiedToken> {
  const { settings } = context;
  const info = await ask(context, settings.tokeninfoEndpoint, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ access_token: token }).toString() });
  const clients = toList(settings.clientId);
  // tokeninfo's numbers are texts.
  const tokenClaims = { ...info, exp: Number(info['exp']), sub: info['sub'] };
  const { aud, azp } = info;
  if (!clients.some((client) => client === aud || client === azp)) throw new TokenError('audience', 'the token was issued for another client than this gateway\'s');
  judgeClaims(tokenClaims, settings, Date.now() / 1_000);
  const user = await ask(context, settings.userinfoEndpoint, { headers: { authorization: `Bearer ${token}` } });
  if (user['sub'] !== info['sub']) throw new TokenError('invalid', 'the provider names two different users for the token');
  return describe(context, { ...user, sub: user['sub'], exp: tokenClaims.exp, scope: info['scope'], aud: clients.filter((client) => client === aud || client === azp), azp });
}

async function ask({ id, fetch }: Context, url: string, init: Parameters<Context['fetch']>[1]): Promise<Claims> {
  const response = await fetch(url, init);
  if (response.status === 400 || response.status === 401) {
    await response.body?.cancel();
    throw new TokenError('inactive', 'the token is not active: it has expired or was revoked');
  }
  const body: unknown = response.status === 200 ? await response.json().catch(() => undefined) : undefined;
  if (typeof body !== 'object' || body === null) throw providerUnavailable(`the identity provider "${id}" gave no usable answer (${response.status})`, undefined);
  return { ...body };
}

function describe(context: Context, claims: Claims): VerifiedToken {
  const { hostedDomains } = context.settings;
  const { hd } = claims;
  if (hostedDomains && !(typeof hd === 'string' && hostedDomains.includes(hd))) throw new TokenError('hosted_domain', 'the account is not of a Google Workspace domain that this gateway accepts');
  return { caller: toCaller(context, claims, { kind: 'user' }), audiences: readAudiences(claims), isExchangeable: false };
}
