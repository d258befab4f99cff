import { parseArgs } from 'node:util';
import type { Environment } from '../config/environment.js';
import { Rekeying } from '../credentials/vault/rekeying.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { UsageError } from './usage.error.js';
import { withVault, type OpenVault } from './vault.js';

const options = { config: { type: 'string', short: 'c' }, json: { type: 'boolean' }, tenant: { type: 'string' } } as const;

/** `vault status`: which keys what users connected is encrypted with. `vault rekey`: with new ones, while replicas run. */
export async function vault(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [action] = positionals;
  if ((action !== 'status' && action !== 'rekey') || positionals.length > 1) throw new UsageError('vault takes status or rekey');
  return withVault(chooseConfiguration(values.config, environment), environment, async (open) => {
    if (open.settings.vault === undefined) throw new CommandError('the applied configuration has no vault');
    const tenants = values.tenant === undefined ? Object.keys(open.settings.tenants) : [values.tenant];
    return action === 'status' ? showStatus(open, tenants, values.json === true) : rekey(open, tenants);
  });
}

async function showStatus(open: OpenVault, tenants: readonly string[], json: boolean): Promise<number> {
  const found = await Promise.all(tenants.map(async (tenant) => ({ tenant, keys: await open.get(Rekeying).uses(open.tenant(tenant)) })));
  if (json) console.log(JSON.stringify(found, null, 2));
  for (const { tenant, keys } of json ? [] : found) {
    console.log(`${tenant}: ${keys.length === 0 ? 'nothing is kept yet' : ''}`.trimEnd());
    for (const { id, wrappedBy, createdAt, connections } of keys) console.log(`  data key ${id} of ${createdAt.toISOString().slice(0, 10)}, wrapped by ${wrappedBy}: ${connections} connections`);
  }
  return 0;
}

async function rekey(open: OpenVault, tenants: readonly string[]): Promise<number> {
  const rekeying = open.get(Rekeying);
  for (const name of tenants) {
    const tenant = open.tenant(name);
    // What was connected stays sealed when the configuration has the connection no more.
    if ((await rekeying.uses(tenant)).length === 0) continue;
    console.log(`${name}: ${await rekeying.rekey(tenant)} rows sealed anew`);
  }
  console.log('no other than the first key of vault.keys is needed any more');
  return 0;
}
