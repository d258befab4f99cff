import { describe, expect, it } from '@jest/globals';
import { assertUuid, quoteIdentifier, tenantSchemaName } from './identifiers.js';

describe('tenantSchemaName', () => {
  it('is the base32 of RFC 4648 in lower case, and short enough for PostgreSQL', () => {
    expect(tenantSchemaName('00000000-0000-0000-0000-000000000000')).toBe(`t_${'a'.repeat(26)}`);
    // printf '00112233445566778899aabbccddeeff' | xxd -r -p | base32
    expect(tenantSchemaName('00112233-4455-6677-8899-aabbccddeeff')).toBe('t_aaisem2ekvthpcezvk54zxpo74');
    expect(tenantSchemaName('ffffffff-ffff-ffff-ffff-ffffffffffff')).toHaveLength(28);
  });

  it.each(['', 'acme', '../x', 'a";drop schema', 'pg_catalog', 'x'.repeat(64), "00000000-0000-0000-0000-000000000000';--", '00000000-0000-0000-0000-00000000000A', '00000000-0000-0000-0000-000000000000\n'])(
    'refuses what is no canonical UUID: %p',
    (id) => {
      expect(() => tenantSchemaName(id)).toThrow('not a UUID');
      expect(() => assertUuid(id)).toThrow('not a UUID');
    },
  );
});

describe('quoteIdentifier', () => {
  it('doubles quotes and refuses what no quoting can carry', () => {
    expect(quoteIdentifier('a"; DROP SCHEMA gatehouse; --')).toBe('"a""; DROP SCHEMA gatehouse; --"');
    expect(() => quoteIdentifier('a\0b')).toThrow('not a name');
    expect(() => quoteIdentifier('')).toThrow('not a name');
  });
});
