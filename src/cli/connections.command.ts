import { parseArgs } from 'node:util';
import type { LiveSettings } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { canonicalIssuer, issuersOf } from '../config/provider-identity.js';
import type { Tenant } from '../context/tenant.js';
import { Connections } from '../credentials/vault/connections.js';
import { ConnectionStore, type ConnectionKey, type StoredConnection } from '../credentials/vault/connection.store.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { UsageError } from './usage.error.js';
import { withVault, type OpenVault } from './vault.js';

const options = {
  config: { type: 'string', short: 'c' },
  json: { type: 'boolean' },
  tenant: { type: 'string' },
  user: { type: 'string' },
  api: { type: 'string' },
} as const;

/** `connections list|revoke`: what users connected, of one user or one API. */
export async function connections(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [action] = positionals;
  if ((action !== 'list' && action !== 'revoke') || positionals.length > 1) throw new UsageError('connections takes list or revoke');
  if (action === 'revoke' && values.user === undefined && values.api === undefined) throw new UsageError('connections revoke takes --user PROVIDER:SUBJECT or --api TENANT/NAME');
  return withVault(chooseConfiguration(values.config, environment), environment, async (open) => {
    const found = await find(open, values);
    if (action === 'revoke') return revoke(open, found);
    if (values.json === true) console.log(JSON.stringify(found.map(({ tenant, row }) => ({ tenant: tenant.name, ...describe(row) })), null, 2));
    else if (found.length === 0) console.log('nobody connected anything');
    else for (const { tenant, row } of found) console.log(`${tenant.name}  ${row.name}  ${row.subject} (${row.issuer})  ${row.state}, ${row.scopes?.join(' ') ?? 'scopes unknown'}, last used ${row.lastUsedAt?.toISOString().slice(0, 16) ?? 'never'}`);
    return 0;
  });
}

type Row = StoredConnection & ConnectionKey;
interface Found {
  readonly tenant: Tenant;
  readonly row: Row;
}

async function find(open: OpenVault, { tenant, user, api }: { readonly tenant?: string; readonly user?: string; readonly api?: string }): Promise<readonly Found[]> {
  const [apiTenant, names] = api === undefined ? [undefined, undefined] : connectionsOfApi(open.settings, api);
  const wanted = apiTenant ?? tenant;
  const person = user === undefined ? undefined : readUser(open.settings, user);
  const tenants = wanted === undefined ? Object.keys(open.settings.tenants) : [wanted];
  const found = await Promise.all(
    tenants.map(async (name) => {
      const of = open.tenant(name);
      return (await open.get(ConnectionStore).listAll(of)).map((row) => ({ tenant: of, row }));
    }),
  );
  return found.flat().filter(({ row }) => (names === undefined || names.includes(row.name)) && (person === undefined || (person.subject === row.subject && person.issuers.includes(row.issuer))));
}

async function revoke(open: OpenVault, found: readonly Found[]): Promise<number> {
  for (const { tenant, row } of found) {
    const ended = await open.get(Connections).disconnect({ tenant, caller: row }, row.name);
    const there = ended === undefined ? 'its server has no revocation endpoint' : ended ? 'ended at its server' : 'its server did not confirm it';
    console.log(`${tenant.name}  ${row.name}  ${row.subject}: forgotten by every replica within 5 s; ${there}`);
  }
  if (found.length === 0) console.log('nothing to revoke');
  return 0;
}

function connectionsOfApi({ apis }: LiveSettings, path: string): readonly [string, readonly string[]] {
  const [tenant = '', name = ''] = path.split('/', 2);
  const api = apis.find((one) => one.tenant === tenant && one.name === name);
  if (!api) throw new CommandError(`the applied configuration has no API "${path}"; it has ${apis.map((one) => `${one.tenant}/${one.name}`).join(', ')}`);
  return [tenant, api.credentials.flatMap((link) => ('connection' in link ? [link.connection] : []))];
}

/** A provider may have several issuers, and callers are kept under the one of their token. */
function readUser({ providers }: LiveSettings, user: string): { readonly issuers: readonly string[]; readonly subject: string } {
  const separator = user.indexOf(':');
  const id = user.slice(0, Math.max(separator, 0));
  const provider = Object.hasOwn(providers, id) ? providers[id] : undefined;
  if (!provider) throw new UsageError(`--user must be PROVIDER:SUBJECT, as callers are shown; providers are ${Object.keys(providers).join(', ')}`);
  return { issuers: [canonicalIssuer(provider) ?? id, ...issuersOf(provider)], subject: user.slice(separator + 1) };
}

const describe = ({ name, issuer, subject, state, scopes, connectedAt, lastUsedAt }: Row) => ({ name, issuer, subject, state, scopes, connectedAt, lastUsedAt });
