import { entraIssuer, toList } from '../../config/provider-identity.js';
import type { ProviderOf } from '../../config/provider.schema.js';
import { readAudiences, toCaller } from '../claims.js';
import type { Claims } from '../tenant-rules.js';
import { TokenError } from '../token.error.js';
import type { VerifiedToken } from '../verified-token.js';
import { EntraGroups } from './entra-groups.js';
import { createJwtStrategy } from './oidc.strategy.js';
import type { StrategyContext, StrategyFactory } from './strategy.js';

type Context = StrategyContext<ProviderOf<'entra'>>;

/** A directory whose tokens are accepted, and which version of them an issuer's are. */
interface Directory {
  readonly tenant: string;
  readonly version: '1.0' | '2.0';
}

/** Access tokens of Microsoft Entra ID, versions 1.0 and 2.0, of the directories that are named and of no other. */
export const createEntraStrategy: StrategyFactory<'entra'> = (context) => {
  const { authority, version1Issuer, tenantId, algorithms, jwksUri } = context.settings;
  const directories = new Map<string, Directory>();
  for (const tenant of toList(tenantId)) {
    directories.set(entraIssuer(authority, tenant), { tenant, version: '2.0' });
    directories.set(`${version1Issuer}/${tenant}/`, { tenant, version: '1.0' });
  }
  const groups = new EntraGroups(context);
  return createJwtStrategy(context.settings, {
    issuers: [...directories.keys()],
    algorithms,
    // Microsoft's JWKs have no `alg`; it signs with RS256 only. Both versions are signed by the same keys.
    keysOf: (issuer) => {
      const tenant = directories.get(issuer)?.tenant ?? '';
      return context.keys(entraIssuer(authority, tenant), { jwksUri: jwksUri ?? `${authority}/${tenant}/discovery/v2.0/keys`, algorithm: 'RS256' });
    },
    read: async (claims) => read(context, groups, claims, directories.get(String(claims['iss']))),
  });
};

async function read(context: Context, groups: EntraGroups, claims: Claims, directory: Directory | undefined): Promise<VerifiedToken> {
  const { tid, oid, ver, scp } = claims;
  if (!directory || tid !== directory.tenant) throw new TokenError('unknown_issuer', 'the token\'s directory (tid) is not the one of its issuer');
  if (ver !== directory.version) throw new TokenError('token_version', `the token says version ${String(ver).slice(0, 8)}, its issuer is that of version ${directory.version}`);
  if (typeof oid !== 'string' || !/^[0-9a-f-]{36}$/i.test(oid)) throw new TokenError('no_subject', 'the token has no oid, which is this provider\'s user key');
  const kind = scp === undefined ? 'machine' : 'user';
  if (kind === 'machine' && !isAppOnly(claims)) throw new TokenError('id_token', 'the token has no scope (scp) and is not an application\'s own: an ID token is for the client and not for an API');
  const complete = kind === 'user' && hasGroupOverage(claims) ? { ...claims, groups: await groups.of(directory.tenant, oid) } : claims;
  const subject = `${directory.tenant}/${oid}`;
  // One issuer for both versions: the same person is the same caller.
  return { caller: toCaller(context, complete, { issuer: entraIssuer(context.settings.authority, directory.tenant), subject, kind }), audiences: readAudiences(claims), isExchangeable: true };
}

/** `idtyp` where the app registration asks for it; else what a token without a user looks like: the app itself is the object. */
function isAppOnly({ idtyp, sub, oid, azpacr, appidacr }: Claims): boolean {
  if (idtyp !== undefined) return idtyp === 'app';
  const strength = azpacr ?? appidacr;
  return sub === oid && (strength === '1' || strength === '2');
}

/** Users of more than 200 groups have a pointer in place of the list; where it points to is never asked. */
function hasGroupOverage({ _claim_names: names, hasgroups }: Claims): boolean {
  return hasgroups === true || hasgroups === 'true' || (typeof names === 'object' && names !== null && 'groups' in names);
}
