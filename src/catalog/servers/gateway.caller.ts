import type { CallContext } from '../../context/call-context.js';
import type { Caller } from '../../context/caller.js';
import type { Tenant } from '../../context/tenant.js';

/** The gateway itself, where it reads definitions: nobody's user, without a scope or role. */
const GATEWAY: Caller = {
  provider: 'gatehouse',
  issuer: 'urn:gatehouse',
  subject: 'definitions',
  kind: 'machine',
  clientId: undefined,
  actors: [],
  name: undefined,
  email: undefined,
  verifiedEmail: undefined,
  scopes: new Set(),
  roles: new Set(),
  tenant: undefined,
  authentication: { at: undefined, context: undefined, methods: [] },
  tokenId: undefined,
  issuedAt: undefined,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

const NO_TENANT: Tenant = { id: '00000000-0000-0000-0000-000000000000', name: '', schema: '', role: '', state: 'active' };

/** The context in which definitions are read. @param tenant whose server it is; a mounted one is of all */
export function definitionsCall(signal: AbortSignal, tenant: Tenant = NO_TENANT): CallContext {
  return { requestId: 'definitions', caller: GATEWAY, tenant, toolset: undefined, subjectToken: undefined, signal, address: '', publicUrl: '', resourceMetadata: '' };
}
