import { isArray, isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import type { VersionView } from '../document/version-view.js';
import type { CredentialNeed } from './operation.js';

/**
 * The scopes an operation asks for: alternatives (OR) of scopes (AND), from its `security` or the document's. Only oauth2 and
 * openIdConnect requirements carry scopes; alternatives without one (an API key, basic) do not lift the need where another
 * alternative names scopes. `{}` does: the operation is then open. Empty result: no scope needed.
 */
export function requiredScopes(document: ApiDocument, operation: JsonObject): readonly (readonly string[])[] {
  const requirements = own(operation, 'security') ?? own(document.root, 'security');
  if (!isArray(requirements)) return [];
  const alternatives: (readonly string[])[] = [];
  for (const requirement of requirements) {
    if (!isObject(requirement)) continue;
    if (Object.keys(requirement).length === 0) return [];
    const scopes = Object.entries(requirement).flatMap(([name, value]) => scopesOf(document, name, value));
    if (scopes.length > 0) alternatives.push([...new Set(scopes)]);
    else if (Object.keys(requirement).some((name) => isScoped(document, name))) return [];
  }
  return alternatives;
}

function scopesOf(document: ApiDocument, scheme: string, scopes: JsonValue): readonly string[] {
  if (!isScoped(document, scheme) || !isArray(scopes)) return [];
  return scopes.filter((scope) => typeof scope === 'string');
}

/** An undeclared scheme counts as one with scopes: what it names is then required rather than forgotten. */
function isScoped(document: ApiDocument, name: string): boolean {
  const scheme = schemeOf(document, name);
  const type = scheme === undefined ? undefined : ownString(scheme, 'type');
  return type === undefined || type === 'oauth2' || type === 'openIdConnect';
}

/** The credentials an operation asks for: alternatives (OR) of needs (AND), from its `security` or the document's; `{}` needs none. */
export function readCredentials(document: ApiDocument, operation: JsonObject): readonly (readonly CredentialNeed[])[] {
  const requirements = own(operation, 'security') ?? own(document.root, 'security');
  if (!isArray(requirements)) return [];
  return requirements
    .filter(isObject)
    .map((requirement) => Object.entries(requirement).map(([scheme, scopes]) => readNeed(document, scheme, scopes)));
}

function readNeed(document: ApiDocument, scheme: string, written: JsonValue): CredentialNeed {
  const scopes = isArray(written) ? written.filter((scope) => typeof scope === 'string') : [];
  const definition = schemeOf(document, scheme) ?? {};
  const name = ownString(definition, 'name');
  const location = own(definition, 'in');
  switch (own(definition, 'type')) {
    case 'apiKey': {
      const place = (['query', 'header', 'cookie'] as const).find((known) => known === location);
      return { scheme, kind: 'apiKey', ...(place === undefined ? {} : { in: place }), ...(name === undefined ? {} : { name }), scopes };
    }
    case 'http': {
      const httpScheme = ownString(definition, 'scheme')?.toLowerCase();
      if (httpScheme === 'basic' || httpScheme === 'bearer') return { scheme, kind: `http-${httpScheme}`, scopes };
      return { scheme, kind: 'custom', ...(httpScheme === undefined ? {} : { name: httpScheme }), scopes };
    }
    case 'oauth2':
      return { scheme, kind: 'oauth2', scopes };
    case 'openIdConnect':
      return { scheme, kind: 'openIdConnect', scopes };
    case 'mutualTLS':
      return { scheme, kind: 'mutualTLS', scopes };
    default:
      return { scheme, kind: 'custom', scopes };
  }
}

/** A scheme by its name, or by its URI (OAS 3.2 §4.30). */
function schemeOf(document: ApiDocument, name: string): JsonObject | undefined {
  const named = document.view.securitySchemes.get(name);
  if (named !== undefined || !/[#/]/.test(name)) return named;
  const found = document.definitions.references.follow({ $ref: name });
  return found.kind === 'found' && isObject(found.value) ? found.value : undefined;
}

/** Names of the parameters that carry an API key in a document, by location; headers in lower case. */
export interface CredentialNames {
  readonly query: ReadonlySet<string>;
  readonly header: ReadonlySet<string>;
  readonly cookie: ReadonlySet<string>;
}

export function readCredentialNames({ securitySchemes }: VersionView): CredentialNames {
  const names = { query: new Set<string>(), header: new Set<string>(), cookie: new Set<string>() };
  for (const scheme of securitySchemes.values()) {
    const name = ownString(scheme, 'name');
    const location = ownString(scheme, 'in');
    if (ownString(scheme, 'type') !== 'apiKey' || name === undefined) continue;
    if (location === 'header') names.header.add(name.toLowerCase());
    else if (location === 'query' || location === 'cookie') names[location].add(name);
  }
  return names;
}

/** True when a security scheme of the document sends its API key in this parameter. */
export function isCredentialParameter({ credentialNames }: ApiDocument, location: 'query' | 'header' | 'cookie', name: string): boolean {
  return credentialNames[location].has(location === 'header' ? name.toLowerCase() : name);
}

