import { parseArgs } from 'node:util';
import type { Secret } from '@gatehouse-mcp/oauth';
import { addApiKey, loadApiKeys, revokeApiKey, rotateApiKey, type KeyMaking, type StoredApiKey } from '../auth/api-keys/api-key.store.js';
import type { RevisionContent } from '../config/configuration.schema.js';
import { duration } from '../config/configuration.values.js';
import type { Environment } from '../config/environment.js';
import type { ProviderOf } from '../config/provider.schema.js';
import { withApplied, type AppliedGateway } from './applied.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { UsageError } from './usage.error.js';

const options = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  provider: { type: 'string' },
  tenant: { type: 'string' },
  owner: { type: 'string' },
  name: { type: 'string' },
  scopes: { type: 'string', default: '' },
  roles: { type: 'string', default: '' },
  expires: { type: 'string', default: '90d' },
  overlap: { type: 'string', default: '24h' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** `keys list | create | rotate ID | revoke ID`: the API keys of machines. A key is printed once, when it is made. */
export async function keys(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const [action = 'list', id, tooMany] = positionals;
  if (tooMany !== undefined) throw new UsageError(`"${tooMany}" is one argument too many`);
  const run = (work: (gateway: AppliedGateway) => Promise<number>) => withApplied(chooseConfiguration(values.config, environment), environment, work);
  switch (action) {
    case 'list':
      return run((gateway) => list(gateway, values));
    case 'create':
      return run((gateway) => create(gateway, values));
    case 'rotate':
      return run((gateway) => rotate(gateway, needId(id, action), values));
    case 'revoke':
      return run((gateway) => revoke(gateway, needId(id, action)));
    default:
      throw new UsageError(`there is no "keys ${action}"`);
  }
}

async function list({ source }: AppliedGateway, { json }: Values): Promise<number> {
  const stored = await loadApiKeys(source);
  if (json === true) console.log(JSON.stringify(stored, (name, value: unknown) => (name === 'hmac' ? undefined : value), 2));
  else if (stored.length === 0) console.log('there are no keys');
  else for (const key of stored) console.log(describe(key));
  return 0;
}

async function create({ source, content, secrets }: AppliedGateway, values: Values): Promise<number> {
  const { tenant, owner, name } = values;
  if (tenant === undefined) throw new UsageError('--tenant NAME is missing');
  if (owner === undefined) throw new UsageError('--owner WHO is missing: the person or team that answers for the key');
  if (!Object.hasOwn(content.settings.tenants, tenant)) throw new CommandError(`--tenant: the applied configuration has no tenant "${tenant}"`);
  const provider = chooseProvider(content, values.provider);
  const expiresAt = new Date(Date.now() + readDuration(values.expires, '--expires'));
  const key = { provider: provider.id, name: name ?? owner, owner, tenant, scopes: words(values.scopes), roles: words(values.roles), expiresAt };
  const made = await addApiKey(source, key, makingOf(provider, secrets));
  announce(made, expiresAt);
  return 0;
}

async function rotate({ source, content, secrets }: AppliedGateway, id: string, values: Values): Promise<number> {
  const old = (await loadApiKeys(source)).find((key) => key.id === id);
  if (!old) throw unknownKey(id);
  const expiresAt = new Date(Date.now() + readDuration(values.expires, '--expires'));
  const overlap = readDuration(values.overlap, '--overlap');
  const made = await rotateApiKey(source, id, { expiresAt, overlap }, makingOf(chooseProvider(content, old.provider), secrets));
  if (!made) throw unknownKey(id);
  announce(made, expiresAt);
  console.log(`the old key ${id} works until ${new Date(Math.min(Date.now() + overlap, old.expiresAt.getTime())).toISOString()}`);
  return 0;
}

async function revoke({ source }: AppliedGateway, id: string): Promise<number> {
  if (!(await revokeApiKey(source, id))) throw unknownKey(id);
  console.log(`key ${id} is revoked; every replica refuses it within 5 s`);
  return 0;
}

interface KeyProvider {
  readonly id: string;
  readonly settings: ProviderOf<'apiKey'>;
}

function chooseProvider({ settings }: RevisionContent, wanted: string | undefined): KeyProvider {
  const found = Object.entries(settings.providers).flatMap(([id, provider]) => (provider.preset === 'apiKey' && (wanted ?? id) === id ? [{ id, settings: provider }] : []));
  const [first, second] = found;
  if (!first) throw new CommandError(`the applied configuration has no ${wanted === undefined ? '' : `provider "${wanted}" `}with preset: apiKey`);
  if (second) throw new UsageError(`--provider is missing: there are ${found.map(({ id }) => id).join(', ')}`);
  return first;
}

function makingOf({ id, settings }: KeyProvider, secrets: AppliedGateway['secrets']): KeyMaking {
  if (settings.hmacKey === undefined) throw new CommandError(`providers.${id}.hmacKey is missing: keys of the database are kept under it`);
  return { prefix: settings.prefix, hmacKey: secrets.read(settings.hmacKey, `providers.${id}.hmacKey`) };
}

function announce({ id, key }: { readonly id: string; readonly key: Secret }, expiresAt: Date): void {
  console.error(`key ${id}, until ${expiresAt.toISOString()}; it is shown this once:`);
  console.log(key.reveal());
}

function describe({ id, tenant, owner, name, scopes, roles, createdAt, expiresAt, lastUsedAt, revokedAt }: StoredApiKey): string {
  const day = (date: Date | null) => date?.toISOString().slice(0, 16) ?? 'never';
  const state = revokedAt ? 'revoked' : expiresAt.getTime() <= Date.now() ? 'expired' : 'valid';
  const rights = [...scopes, ...roles.map((role) => `role:${role}`)].join(' ') || '-';
  return `${id}  ${state.padEnd(7)}  ${tenant}  ${owner} (${name})  ${rights}  made ${day(createdAt)}, until ${day(expiresAt)}, last used ${day(lastUsedAt)}`;
}

function readDuration(text: string, option: string): number {
  const read = duration.safeParse(text);
  if (!read.success) throw new UsageError(`${option} must be a duration such as 12h or 90d`);
  return read.data;
}

function needId(id: string | undefined, action: string): string {
  if (id === undefined) throw new UsageError(`keys ${action}: name the key by its id`);
  return id;
}

const words = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);
const unknownKey = (id: string) => new CommandError(`there is no key ${id} in use`);
