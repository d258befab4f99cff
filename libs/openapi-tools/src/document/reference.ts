import { isArray, isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';

export type Resolution =
  | { readonly kind: 'found'; readonly value: JsonValue; readonly pointer: string }
  | { readonly kind: 'dangling' }
  | { readonly kind: 'external' };

/** A place of the document or of one of its external documents: the tokens of that document's root, and the fragment below it. */
interface Place {
  readonly prefix: readonly string[];
  readonly fragment: string;
}

const maxHops = 32;
/** First token of pointers into external documents; the second is the document's URL. */
const externalFolder = 'x-external';

/**
 * Resolves references of one document by JSON Pointer (RFC 6901) or anchor in a URI fragment. Nothing is ever fetched or read from
 * disk: a reference to another document resolves only into `externals` (see external-documents.ts), else it is `external`. Pointers
 * into those start with `/x-external/<url>`, so one pointer names any place.
 */
export class ReferenceResolver {
  readonly #root: JsonObject;
  readonly #bases: readonly string[];
  readonly #baseUrl: string | undefined;
  readonly #externals: ReadonlyMap<string, JsonObject>;
  readonly #anchors = new Map<string, ReadonlyMap<string, string>>();
  /** What each reference means where no scope changes it; bounded by the document. */
  readonly #resolved = new Map<string, Resolution>();

  /** `externals`: documents by absolute URL without fragment, their references absolute. */
  constructor(root: JsonObject, url: string | undefined, externals: ReadonlyMap<string, JsonObject> = new Map()) {
    this.#externals = externals;
    this.#root = externals.size === 0 ? root : { ...root, [externalFolder]: Object.fromEntries(externals) };
    const self = ownString(root, '$self');
    this.#baseUrl = documentBase(root, url);
    this.#bases = [url, self, this.#baseUrl].flatMap((base) => (base === undefined || base === '' ? [] : [base]));
  }

  /** `scope` is the pointer of the definition in which the reference stands: an embedded schema's own `$defs` are found there. */
  resolve(reference: string, scope = ''): Resolution {
    let everywhere = this.#resolved.get(reference);
    if (everywhere === undefined) {
      everywhere = this.#resolveIn(reference, '');
      this.#resolved.set(reference, everywhere);
    }
    // A scope only matters to what names the schema around it, or nothing in the document itself.
    const isSettled = scope === '' || (reference !== '#' && everywhere.kind !== 'dangling');
    return isSettled ? everywhere : this.#resolveIn(reference, scope);
  }

  #resolveIn(reference: string, scope: string): Resolution {
    const place = this.#placeOf(reference);
    if (place === undefined) return { kind: 'external' };
    const { prefix, fragment } = place;
    if (fragment === '') return this.#found(reference.startsWith('#') && scope !== '' ? pointerTokens(scope) : prefix);
    if (!fragment.startsWith('/')) {
      const pointer = this.#anchorPointers(prefix).get(decodeLeniently(fragment));
      return pointer === undefined ? { kind: 'dangling' } : this.#found(pointerTokens(pointer));
    }
    const tokens = fragmentTokens(fragment);
    const direct = this.#found([...prefix, ...tokens]);
    return direct.kind === 'dangling' && scope !== '' ? this.#found([...pointerTokens(scope), ...tokens]) : direct;
  }

  /** Follows Reference Objects (parameters, bodies, path items) to the object they name; a cycle is dangling. */
  follow(value: JsonValue | undefined): Resolution {
    let current = value;
    let pointer = '';
    for (let hop = 0; hop < maxHops; hop += 1) {
      if (!isObject(current)) return current === undefined ? { kind: 'dangling' } : { kind: 'found', value: current, pointer };
      const reference = ownString(current, '$ref');
      if (reference === undefined) return { kind: 'found', value: current, pointer };
      const target = this.resolve(reference);
      if (target.kind !== 'found') return target;
      current = target.value;
      pointer = target.pointer;
    }
    return { kind: 'dangling' };
  }

  #placeOf(reference: string): Place | undefined {
    if (reference.startsWith('#')) return { prefix: [], fragment: reference.slice(1) };
    const { uri, fragment } = splitReference(reference);
    if (this.#bases.includes(uri)) return { prefix: [], fragment };
    const absolute = absoluteUrl(uri, this.#baseUrl);
    if (absolute === undefined) return undefined;
    if (this.#bases.includes(absolute)) return { prefix: [], fragment };
    return this.#externals.has(absolute) ? { prefix: [externalFolder, absolute], fragment } : undefined;
  }

  #found(tokens: readonly string[], hops = 0): Resolution {
    let current: JsonValue = this.#root;
    for (const [index, token] of tokens.entries()) {
      const next = childOf(current, token);
      if (next !== undefined) {
        current = next;
        continue;
      }
      // A pointer may lead through another reference (`#/components/schemas/A/properties/b/properties/c`, b a `$ref`).
      const reference = isObject(current) ? ownString(current, '$ref') : undefined;
      const place = reference === undefined ? undefined : this.#placeOf(reference);
      if (place === undefined || (place.fragment !== '' && !place.fragment.startsWith('/')) || hops >= maxHops) return { kind: 'dangling' };
      return this.#found([...place.prefix, ...fragmentTokens(place.fragment), ...tokens.slice(index)], hops + 1);
    }
    return { kind: 'found', value: current, pointer: tokens.map((token) => `/${escapeToken(token)}`).join('') };
  }

  /** `$anchor` and `$dynamicAnchor` of one document's schemas, first one wins; built when the first anchor is asked for. */
  #anchorPointers(prefix: readonly string[]): ReadonlyMap<string, string> {
    const key = prefix.join(' ');
    const known = this.#anchors.get(key);
    if (known !== undefined) return known;
    const folder = prefix.length === 0 ? ['components', 'schemas'] : prefix;
    const start = this.#found(folder);
    const anchors = start.kind === 'found' ? collectAnchors(start.value, start.pointer) : new Map<string, string>();
    this.#anchors.set(key, anchors);
    return anchors;
  }
}

/** The URL against which a document's references resolve: `$self` (OAS 3.2 §4.1.2) against the document's own URL, else that. */
export function documentBase(root: JsonObject, url: string | undefined): string | undefined {
  const self = ownString(root, '$self');
  return (self === undefined ? undefined : absoluteUrl(self, url)) ?? (url === undefined ? undefined : absoluteUrl(url, undefined));
}

/** A reference as the URI of its document, and the fragment without `#`. */
export function splitReference(reference: string): { readonly uri: string; readonly fragment: string } {
  const hash = reference.indexOf('#');
  return hash === -1 ? { uri: reference, fragment: '' } : { uri: reference.slice(0, hash), fragment: reference.slice(hash + 1) };
}

/** An absolute URL without fragment, or undefined. */
export function absoluteUrl(uri: string, base: string | undefined): string | undefined {
  const url = URL.parse(uri, base);
  if (url === null) return undefined;
  url.hash = '';
  return url.href;
}

function collectAnchors(schemas: JsonValue, start: string): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>();
  const pending: [JsonValue, string, number][] = [[schemas, start, 0]];
  // The list grows while it is read: breadth first, so the outermost anchor wins.
  for (const [node, pointer, depth] of pending) {
    if (typeof node !== 'object' || node === null || depth > 64) continue;
    for (const keyword of isObject(node) ? ['$anchor', '$dynamicAnchor'] : []) {
      const name = isObject(node) ? ownString(node, keyword) : undefined;
      if (name !== undefined && !anchors.has(name)) anchors.set(name, pointer);
    }
    for (const [key, child] of Object.entries(node)) pending.push([child, `${pointer}/${escapeToken(key)}`, depth + 1]);
  }
  return anchors;
}

function childOf(value: JsonValue, token: string): JsonValue | undefined {
  if (isArray(value)) return /^(0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
  return isObject(value) ? own(value, token) : undefined;
}

function decodeLeniently(token: string): string {
  if (!token.includes('%')) return token;
  try {
    return decodeURIComponent(token);
  } catch (error) {
    if (error instanceof URIError) return token;
    throw error;
  }
}

const fragmentTokens = (fragment: string): readonly string[] =>
  fragment === '' ? [] : fragment.slice(1).split('/').map(decodeLeniently).map(unescapeToken);
const unescapeToken = (token: string): string => (token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token);
export const escapeToken = (token: string): string => (token.includes('/') || token.includes('~') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token);
export const pointerTokens = (pointer: string): readonly string[] =>
  pointer === '' ? [] : pointer.slice(1).split('/').map(unescapeToken);
