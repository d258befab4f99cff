import type { LiveSettings } from './configuration.schema.js';

type Report = (path: (string | number)[], message: string) => void;

/** Each toolset is of a tenant that is defined, under a name of its own there. */
export function checkToolsets({ tenants, toolsets }: Pick<LiveSettings, 'tenants' | 'toolsets'>, report: Report): void {
  const seen = new Set<string>();
  toolsets.forEach(({ name, tenant }, index) => {
    if (!Object.hasOwn(tenants, tenant)) report(['toolsets', index, 'tenant'], `names tenant "${tenant}", which tenants does not define`);
    const key = `${tenant}/${name}`;
    if (seen.has(key)) report(['toolsets', index, 'name'], `tenant "${tenant}" already has a toolset named "${name}"`);
    seen.add(key);
  });
}
