const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Role that may only INSERT into the audit tables of all tenants. */
export const auditRole = 'gatehouse_audit';

/** Quotes a name for SQL, whatever it holds; a NUL, which no quoting can carry, is refused. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error('not a name that PostgreSQL can hold');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Canonical lower-case UUID, or a refusal: nothing else may stand in the SQL of a tenant transaction. */
export function assertUuid(id: string): string {
  if (!uuid.test(id)) throw new Error('not a UUID');
  return id;
}

/** `t_` and the UUID in base32 (28 characters): the name of a tenant's schema and of its role. */
export function tenantSchemaName(id: string): string {
  let bits = BigInt(`0x${assertUuid(id).replaceAll('-', '')}`) << 2n;
  let text = '';
  for (let index = 0; index < 26; index++) {
    text = (alphabet[Number(bits & 31n)] ?? '') + text;
    bits >>= 5n;
  }
  return `t_${text}`;
}
