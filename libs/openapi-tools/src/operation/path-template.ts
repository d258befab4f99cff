/** A path template split into segments of literal text and parameter names. */
export interface PathTemplate {
  readonly segments: readonly (readonly TemplatePart[])[];
  /** A query written into the path key (`/soap?action=x`), without `?`; usually empty. */
  readonly query: string;
  readonly hasFragment: boolean;
}
export type TemplatePart = { readonly literal: string } | { readonly name: string };

/** Reads `/a/{b}/c`. Only `{name}` is an expression; everything else is literal text. */
export function parsePathTemplate(path: string): PathTemplate {
  const hash = path.indexOf('#');
  const visible = hash === -1 ? path : path.slice(0, hash);
  const question = visible.indexOf('?');
  const pathPart = question === -1 ? visible : visible.slice(0, question);
  const segments = pathPart.replace(/^\//, '').split('/').map(parseSegment);
  return { segments, query: question === -1 ? '' : encodeLiteral(visible.slice(question + 1), true), hasFragment: hash !== -1 };
}

const none: ReadonlySet<string> = new Set();

/** The names of the expressions that {@link parsePathTemplate} finds. */
export function namesInPath(path: string): ReadonlySet<string> {
  if (!path.includes('{')) return none;
  const names = new Set<string>();
  const rest = path.search(/[?#]/);
  const end = rest === -1 ? path.length : rest;
  for (let open = path.indexOf('{'); open !== -1 && open < end; open = path.indexOf('{', open + 1)) {
    const close = path.indexOf('}', open);
    const name = close === -1 || close >= end ? '' : path.slice(open + 1, close);
    if (name !== '' && !name.includes('{') && !name.includes('/')) names.add(name);
  }
  return names;
}

function parseSegment(segment: string): readonly TemplatePart[] {
  if (!segment.includes('{')) return [{ literal: encodeLiteral(segment) }];
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of segment.matchAll(/\{([^{}]+)\}/g)) {
    if (match.index > end) parts.push({ literal: encodeLiteral(segment.slice(end, match.index)) });
    parts.push({ name: match[1] ?? '' });
    end = match.index + match[0].length;
  }
  if (end < segment.length || parts.length === 0) parts.push({ literal: encodeLiteral(segment.slice(end)) });
  return parts;
}

/** Why a path cannot be called, or undefined. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'The path does not start with "/".';
  if (!path.isWellFormed() || hasControlCharacter(path)) return 'The path has characters that no URL can carry.';
  // Most paths have no dot, and none that is escaped: to take them apart takes longer than all the rest.
  if (!/[.%]/.test(path)) return undefined;
  const literal = path.split(/[?#]/, 1)[0] ?? '';
  const dots = literal.split(/[/\\]/).some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
  return dots ? 'The path has a "." or ".." segment.' : undefined;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
export const hasControlCharacter = (text: string): boolean => controlCharacter.test(text);

/** Literal text of a path (or query) as a URL carries it: legal characters and percent-escapes stay, all else is encoded. */
function encodeLiteral(text: string, isQuery = false): string {
  return text.replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~!$&'()*+,;=:@]/gu, (found) => {
    if (found.length === 3 && found.startsWith('%')) return found;
    if (isQuery && (found === '/' || found === '?')) return found;
    return encodeURIComponent(found);
  });
}
