import type { LiveSettings } from './configuration.schema.js';
import { developmentOnly, issuersOf, tokenPrefixesOf } from './provider-identity.js';
import type { ProviderSettings } from './provider.schema.js';

type Report = (path: (string | number)[], message: string) => void;

/** A credential must lead to one provider, by its issuer or its beginning, before anybody is asked about it. */
export function checkSignIn({ providers, tenants }: Pick<LiveSettings, 'providers' | 'tenants'>, report: Report): void {
  const byIssuer = new Map<string, string>();
  const byPrefix = new Map<string, string[]>();
  for (const [id, provider] of Object.entries(providers)) {
    for (const issuer of issuersOf(provider)) {
      const other = byIssuer.get(issuer);
      if (other !== undefined) report(['providers', id, 'issuer'], `is already the issuer of provider "${other}"`);
      byIssuer.set(issuer, id);
    }
    for (const prefix of tokenPrefixesOf(provider)) byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), id]);
    if (provider.preset === 'apiKey') {
      provider.staticKeys.forEach(({ tenant }, index) => {
        if (!Object.hasOwn(tenants, tenant)) report(['providers', id, 'staticKeys', index, 'tenant'], `names tenant "${tenant}", which tenants does not define`);
      });
    }
  }
  for (const alike of byPrefix.values()) checkDoors(alike, tenants, report);
  const [, other] = Object.entries(providers).filter(([, provider]) => 'legacyDiscovery' in provider && provider.legacyDiscovery);
  if (other !== undefined) report(['providers', other[0], 'legacyDiscovery'], 'is on for another provider already; old clients find one authorization server only');
  const [, second] = Object.entries(providers).filter(([, { preset }]) => preset === 'environment');
  if (second !== undefined) report(['providers', second[0]], 'is the second provider of preset environment; there is one identity for requests without a credential');
}

/** Providers whose opaque tokens look alike are told apart by the tenant's own address, so no tenant may have two of them. */
function checkDoors(alike: readonly string[], tenants: LiveSettings['tenants'], report: Report): void {
  if (alike.length < 2) return;
  for (const [name, { rules }] of Object.entries(tenants)) {
    const [first, second] = alike.filter((id) => rules.some(({ provider }) => provider === id));
    if (second === undefined) continue;
    report(['tenants', name, 'rules'], `name the providers "${first}" and "${second}", whose opaque tokens look alike; give one of them a tokenPrefix`);
  }
}

/** What an operator should hear at every start: settings that are allowed and dangerous. */
export function startNotices({ providers, tenants }: Pick<LiveSettings, 'providers' | 'tenants'>): readonly string[] {
  const dangers = Object.entries(providers).flatMap(([id, provider]) => {
    const isAnyApp = provider.preset === 'github' && provider.dangerouslyAcceptAnyGithubApp;
    const danger = developmentOnly(provider) ?? (isAnyApp ? 'accepts tokens of every GitHub OAuth app (dangerouslyAcceptAnyGithubApp)' : undefined);
    return danger === undefined ? [] : [`providers.${id} ${danger}`];
  });
  const openDoors = Object.entries(tenants).flatMap(([tenant, { rules }]) =>
    rules.flatMap((rule) => {
      const isEverybody = !('claim' in rule) && !('emailDomains' in rule) && isOpenToTheWorld(providers[rule.provider]);
      return isEverybody ? [`tenants.${tenant} takes everybody with an account at provider "${rule.provider}"; narrow it by emailDomains or a claim`] : [];
    }),
  );
  return [...dangers, ...openDoors];
}

/** Providers where anybody may have an account. */
function isOpenToTheWorld(provider: ProviderSettings | undefined): boolean {
  return provider?.preset === 'github' || (provider?.preset === 'google' && provider.hostedDomains === undefined);
}

/** What production refuses: see {@link developmentOnly}. */
export function checkProduction(providers: LiveSettings['providers'], report: Report): void {
  for (const [id, provider] of Object.entries(providers)) {
    const danger = developmentOnly(provider);
    if (danger !== undefined) report(['providers', id], `${danger}; this is for environment: development only`);
  }
}
