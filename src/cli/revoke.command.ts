import { parseArgs } from 'node:util';
import { addRevocation, loadRevocations, type NewRevocation } from '../auth/revocations/revocation.store.js';
import type { RevisionContent } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { withApplied } from './applied.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { UsageError } from './usage.error.js';

/** Longer than any credential that is accepted without being asked for again. */
const KEPT_MS = 400 * 86_400_000;

const options = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  token: { type: 'string' },
  subject: { type: 'string' },
  client: { type: 'string' },
  provider: { type: 'string' },
  tenant: { type: 'string' },
  reason: { type: 'string', default: '' },
} as const;

const kinds = ['token', 'subject', 'client', 'provider', 'tenant'] as const;

/** `revoke --subject PROVIDER:SUBJECT` and the like: what was issued until now is refused by every replica within 5 s. */
export async function revoke(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...args], options });
  const [kind, second] = kinds.filter((name) => values[name] !== undefined);
  if (kind === undefined || second !== undefined) throw new UsageError('revoke takes one of --token PROVIDER:ID, --subject PROVIDER:SUBJECT, --client PROVIDER:CLIENT, --provider ID, --tenant NAME');
  return withApplied(chooseConfiguration(values.config, environment), environment, async ({ source, content }) => {
    const what = readTarget(kind, values[kind] ?? '', content);
    await addRevocation(source, { ...what, reason: values.reason, expiresAt: new Date(Date.now() + KEPT_MS) });
    console.log(`${describe(what)} is revoked: what was issued until now is refused by every replica within 5 s`);
    return 0;
  });
}

/** `revocations`: those in force. */
export async function revocations(args: readonly string[], environment: Environment): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { config: options.config, json: options.json } });
  return withApplied(chooseConfiguration(values.config, environment), environment, async ({ source }) => {
    const found = await loadRevocations(source);
    if (values.json === true) console.log(JSON.stringify(found, null, 2));
    else if (found.length === 0) console.log('nothing is revoked');
    else for (const revocation of found) console.log(`${revocation.revokedAt.toISOString().slice(0, 19)}Z  ${describe(revocation)}  ${revocation.reason}`.trimEnd());
    return 0;
  });
}

type Target = Pick<NewRevocation, 'kind' | 'provider' | 'value'>;

function readTarget(kind: Target['kind'], text: string, { settings }: RevisionContent): Target {
  if (kind === 'tenant') return { kind, provider: null, value: known(settings.tenants, text, 'tenant') };
  if (kind === 'provider') return { kind, provider: null, value: known(settings.providers, text, 'provider') };
  const separator = text.indexOf(':');
  if (separator < 1 || separator === text.length - 1) throw new UsageError(`--${kind} must be PROVIDER:${kind.toUpperCase()}, as callers are shown`);
  return { kind, provider: known(settings.providers, text.slice(0, separator), 'provider'), value: text.slice(separator + 1) };
}

function known(named: Readonly<Record<string, unknown>>, name: string, what: string): string {
  if (!Object.hasOwn(named, name)) throw new CommandError(`the applied configuration has no ${what} "${name}"; it has ${Object.keys(named).join(', ')}`);
  return name;
}

const describe = ({ kind, provider, value }: Target): string => `${kind} ${provider === null ? '' : `${provider}:`}${value}`;
