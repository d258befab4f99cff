import { SecretReader } from '../config/secret-reference.js';
import type { Environment } from '../config/environment.js';
import { UsageError } from './usage.error.js';

/** Fields that belong to the message itself, not to whoever calls. */
const protectedNames = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'te', 'upgrade', 'content-type', 'expect', 'keep-alive', 'trailer']);

/**
 * Reads `Name: value` options, where `env:VAR` or `file:PATH` at the end of the value stands for a secret (`Authorization: Bearer
 * env:TOKEN`, `Cookie: session=env:SESSION`). @throws UsageError naming the header, never its value
 */
export function readHeaders(options: readonly string[], environment: Environment): readonly (readonly [string, string])[] {
  const reader = new SecretReader(process.cwd(), environment);
  return options.map((option) => {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*:\s*(.*)$/.exec(option) ?? [];
    if (name === undefined || value === undefined || value === '') throw new UsageError("--header must be written as 'Name: value' or 'Name: env:VAR'");
    if (protectedNames.has(name.toLowerCase())) throw new UsageError(`--header cannot set ${name}: it belongs to the message itself`);
    const text = readValue(name, value, reader);
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    if (/[^\t\u0020-\u007e\u00a0-\u00ff]/.test(text)) throw new UsageError(`--header ${name}: the value has characters that no header can carry`);
    return [name, text] as const;
  });
}

function readValue(name: string, value: string, reader: SecretReader): string {
  const [, scheme = '', reference] = /^(.*?[\s=])?((?:env|file):\S+)$/.exec(value) ?? [];
  if (reference !== undefined) return scheme + reader.read(reference, `--header ${name}`).reveal().trim();
  if (/auth|key|token|secret|cookie|password/i.test(name)) console.error(`--header ${name}: a value on the command line can be seen by other users of this machine; env:VAR or file:PATH cannot`);
  return value;
}
