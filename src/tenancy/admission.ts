import type { Tenant } from '../context/tenant.js';
import { GatewayError } from '../errors/gateway.error.js';

/**
 * Lets somebody into the tenant that the rules give them.
 * @throws GatewayError 403 when there is none, or it is suspended
 */
export function admit(tenant: Tenant | undefined): Tenant {
  if (!tenant) throw new GatewayError({ code: 'no_tenant', status: 403 }, 'no tenant of this gateway is yours');
  if (tenant.state !== 'active') throw new GatewayError({ code: 'tenant_suspended', status: 403 }, 'your tenant is suspended');
  return tenant;
}
