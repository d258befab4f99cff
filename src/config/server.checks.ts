import type { LiveSettings } from './configuration.schema.js';
import { checkCredentials } from './credential.checks.js';

type Report = (path: (string | number)[], message: string) => void;

/** Each server is of a tenant that is defined, under a name that no API or other server has there, with credentials that fit. */
export function checkServers(settings: Pick<LiveSettings, 'servers' | 'apis' | 'tenants' | 'providers' | 'connections'>, report: Report): void {
  const taken = new Map(settings.apis.map(({ tenant, name }) => [`${tenant}/${name}`, 'an API']));
  settings.servers.forEach((server, index) => {
    const { tenant, name, credentials, discovery } = server;
    const key = `${tenant}/${name}`;
    const owner = taken.get(key);
    if (!Object.hasOwn(settings.tenants, tenant)) report(['servers', index, 'tenant'], `names tenant "${tenant}", which tenants does not define`);
    if (owner !== undefined) report(['servers', index, 'name'], `tenant "${tenant}" already has ${owner} named "${name}"`);
    taken.set(key, 'a server');
    checkCredentials({ tenant, credentials }, settings, (path, message) => report(['servers', index, 'credentials', ...path], message));
    if (discovery) checkCredentials({ tenant, credentials: [discovery] }, settings, ([, ...path], message) => report(['servers', index, 'discovery', ...path], message));
  });
}
