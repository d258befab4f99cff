import type { GatewayErrorKind } from '../errors/gateway.error.js';

/** No durable intent, so no call. */
export const auditUnavailable: GatewayErrorKind = { code: 'audit_unavailable', status: 503 };
