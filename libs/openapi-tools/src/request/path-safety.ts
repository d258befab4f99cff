import { hasControlCharacter } from '../operation/path-template.js';

const maxRounds = 12;

/**
 * Why a value may not stand in a path, or undefined (openapi.md decision 12): empty, control characters, or a `.` or `..`
 * segment, split by `/` or `\`, after any number of percent-decodings. Upstreams and the proxies before them decode
 * differently often, so `..%2Ffiles` is refused rather than encoded.
 */
export function pathValueProblem(value: string): string | undefined {
  if (value === '') return 'is empty, and an empty path segment names another resource';
  let text = value;
  for (let round = 0; round < maxRounds; round += 1) {
    if (hasControlCharacter(text)) return 'has control characters';
    if (hasDotSegment(text)) return 'has a "." or ".." path segment';
    const decoded = decodeOnce(text);
    if (decoded === text) return undefined;
    text = decoded;
  }
  return 'is percent-encoded too many times';
}

/** A segment's `;parameters` and outer spaces do not count: servers are known to strip them before they resolve dots. */
function hasDotSegment(text: string): boolean {
  if (!text.includes('.')) return false;
  return text.split(/[/\\]/).some((segment) => {
    const name = (segment.split(';', 1)[0] ?? '').trim();
    return name === '.' || name === '..';
  });
}

/** Decodes all escapes once; `%25` chains collapse at once, so that rounds stay few however long the value is. */
function decodeOnce(text: string): string {
  if (!text.includes('%')) return text;
  const collapsed = text.replace(/%(?:25)+/g, '%');
  return collapsed.replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8'));
}
