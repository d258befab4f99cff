import { EgressError, EgressPolicy, NoProxyList } from '@gatehouse-mcp/egress';
import { z } from 'zod';

/** Values that `gatehouse.yaml` uses in several places. Their messages never repeat the value. */

export const identifier = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a lower-case name: a letter, then letters, digits or "-", 32 at most');

export const secretReference = z
  .string('must be env:NAME or file:PATH')
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'must be a reference, env:NAME or file:PATH, never the secret itself');

export const httpUrl = z.string().refine((value) => isHttpUrl(value), 'must be an http or https URL without user, query or fragment');

/** Kept exactly as written: issuers are compared as strings (RFC 8414 §3.3). */
export const issuerUrl = z.string().refine((value) => isHttpUrl(value), 'must be the issuer exactly as its metadata says: an http or https URL');

export const origin = z
  .string()
  .refine((value) => isHttpUrl(value) && new URL(value).origin === value, 'must be an origin such as https://mcp.acme.example: lower case, no path, no trailing slash');

export const fileOrUrl = z.string().regex(/^(?:file:.+|https?:\/\/.+)$/, 'must be file:PATH or an http(s) URL');

export const entryPattern = z.string().regex(/^[A-Za-z0-9_.*-]+$/, 'must be api.operation, where * stands for any characters');

export const egressEntry = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\](?::\d+)?|[0-9a-fA-F:]*::[0-9a-fA-F:]*\/\d+|[A-Za-z0-9.-]+(?::\d+|\/\d+)?)$/, { error: 'must be a host, host:port, address or CIDR', abort: true })
  .refine((entry) => isKnown(() => new EgressPolicy([entry])), 'must be a host, host:port, address or CIDR');

export const noProxyEntry = z.string().refine((entry) => isKnown(() => new NoProxyList([entry])), 'must be a host, .suffix, *.suffix, host:port, address, CIDR or *');

/** A host to which something is shown: exact, without wildcards. */
export const hostEntry = z.string().regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/, 'must be a host or host:port');

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30s`, `5m`, `24h`, `400d`; parsed to milliseconds. */
export const duration = z
  .union([z.string(), z.number().positive()])
  .transform((value, context) => {
    if (typeof value === 'number') return value;
    const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value);
    const unit = match?.[2];
    if (!match || !isUnit(unit) || Number(match[1]) === 0) {
      context.addIssue({ code: 'custom', message: 'must be a duration such as 30s, 5m or 24h' });
      return z.NEVER;
    }
    return Number(match[1]) * units[unit];
  });

function isKnown(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch (error) {
    if (error instanceof EgressError) return false;
    throw error;
  }
}

function isUnit(unit: string | undefined): unit is keyof typeof units {
  return unit !== undefined && unit in units;
}

function isHttpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, search, hash } = new URL(value);
  return (protocol === 'http:' || protocol === 'https:') && !username && !password && !search && !hash;
}
