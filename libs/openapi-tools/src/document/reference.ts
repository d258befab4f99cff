import { isArray, isObject, own, ownString, type JsonObject, type JsonValue } from '../json.js';

export type Resolution =
  | { readonly kind: 'found'; readonly value: JsonValue; readonly pointer: string }
  | { readonly kind: 'dangling' }
  | { readonly kind: 'external' };

const maxHops = 32;

/**
 * Resolves local references of one document by JSON Pointer (RFC 6901) in a URI fragment. A reference to anything but the
 * document itself is `external`: it is never fetched and never read from disk.
 */
export class ReferenceResolver {
  readonly #root: JsonObject;
  readonly #bases: readonly string[];
  #anchors: ReadonlyMap<string, string> | undefined;

  constructor(root: JsonObject, url: string | undefined) {
    this.#root = root;
    this.#bases = [url, ownString(root, '$self')].flatMap((base) => (base === undefined || base === '' ? [] : [base]));
  }

  /** `scope` is the pointer of the definition in which the reference stands: an embedded schema's own `$defs` are found there. */
  resolve(reference: string, scope = ''): Resolution {
    const fragment = this.#localFragment(reference);
    if (fragment === undefined) return { kind: 'external' };
    if (fragment === '') return this.#found(scope === '' ? [] : pointerTokens(scope));
    if (!fragment.startsWith('/')) {
      const pointer = this.#anchorPointers().get(decodeLeniently(fragment));
      return pointer === undefined ? { kind: 'dangling' } : this.#found(pointerTokens(pointer));
    }
    const tokens = fragment.slice(1).split('/').map(decodeLeniently).map(unescapeToken);
    const direct = this.#found(tokens);
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

  #localFragment(reference: string): string | undefined {
    if (reference.startsWith('#')) return reference.slice(1);
    for (const base of this.#bases) {
      if (reference === base) return '';
      if (reference.startsWith(`${base}#`)) return reference.slice(base.length + 1);
    }
    return undefined;
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
      const fragment = reference === undefined ? undefined : this.#localFragment(reference);
      if (fragment === undefined || !fragment.startsWith('/') || hops >= maxHops) return { kind: 'dangling' };
      const through = fragment.slice(1).split('/').map(decodeLeniently).map(unescapeToken);
      return this.#found([...through, ...tokens.slice(index)], hops + 1);
    }
    return { kind: 'found', value: current, pointer: tokens.map((token) => `/${escapeToken(token)}`).join('') };
  }

  /** `$anchor` and `$dynamicAnchor` of the component schemas, first one wins; built when the first anchor is asked for. */
  #anchorPointers(): ReadonlyMap<string, string> {
    this.#anchors ??= collectAnchors(this.#root);
    return this.#anchors;
  }
}

function collectAnchors(root: JsonObject): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>();
  const components = own(root, 'components');
  const schemas = isObject(components) ? own(components, 'schemas') : undefined;
  const pending: [JsonValue, string, number][] = schemas === undefined ? [] : [[schemas, '/components/schemas', 0]];
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

const unescapeToken = (token: string): string => (token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token);
export const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1');
export const pointerTokens = (pointer: string): readonly string[] =>
  pointer === '' ? [] : pointer.slice(1).split('/').map(unescapeToken);
