import { describe, expect, it } from '@jest/globals';
import { writeSchema } from '../schema/written-schema.js';
import { ArgumentsSchema, WrittenArguments } from './arguments-schema.js';

const member = (name: string, required = false) => ({ member: name, schema: { type: 'string', description: `Größe of ${name}` }, required });

describe('the JSON of a tool\'s arguments', () => {
  it.each([
    ['none', [], false],
    ['names', [member('b', true), member('a'), member('c', true)], false],
    ['numbers among names: as objects order them', [member('b'), member('10', true), member('2'), member('4294967294'), member('4294967295'), member('01')], true],
    ['further ones of a schema', [member('a')], { type: 'integer', description: 'naïve' }],
  ])('is that of the object: %s', (_, members, additional) => {
    const whole = new ArgumentsSchema(members, additional);
    const written = new WrittenArguments(whole, writeSchema);
    expect(written.json).toBe(JSON.stringify(whole.schema));
    expect(written.json).toBe(JSON.stringify(written.schema));
    expect(written.bytes).toBe(Buffer.byteLength(written.json));
  });
});
