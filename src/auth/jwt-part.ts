import type { Claims } from './tenant-rules.js';

/** The header or the payload of a JWT, neither verified; undefined for what is no JSON object in base64url. */
export function readJwtPart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
