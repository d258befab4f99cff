import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { createJsonSchema, visitKeys } from './json-schema.js';
import { descriptions } from './schema.descriptions.js';

const root = resolve(import.meta.dirname, '../..');
const schema = createJsonSchema();
const validate = new Ajv({ strict: false, formats: { starts_with: true } }).compile(schema);

describe('the JSON Schema of gatehouse.yaml', () => {
  it('is the one in docs/gatehouse.schema.json; if not, run: node scripts/write-schema.mjs', () => {
    expect(readFileSync(resolve(root, 'docs/gatehouse.schema.json'), 'utf8')).toBe(`${JSON.stringify(schema, null, 2)}\n`);
  });

  it('explains each key, and no other', () => {
    const keys = new Set<string>();
    visitKeys(schema, (path) => keys.add(path));
    expect(keys.size).toBeGreaterThan(100);
    expect([...keys].filter((key) => !Object.hasOwn(descriptions, key))).toEqual([]);
    expect(Object.keys(descriptions).filter((key) => !keys.has(key))).toEqual([]);
  });

  it.each(['demo/gatehouse.yaml', 'examples/custom-verifier/gatehouse.yaml'])('takes %s', (file) => {
    expect({ valid: validate(load(readFileSync(resolve(root, file), 'utf8'))), errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it.each([
    ['an unknown key', { databse: {} }],
    ['a key of another preset', { providers: { corp: { preset: 'google', clientId: 'x', issuer: 'https://idp.example' } } }],
    ['a preset that does not exist', { providers: { corp: { preset: 'saml' } } }],
    ['a secret in place of a reference', { database: { url: 'postgres://user:secret@host/db' } }],
    ['a number as text', { listen: { port: '3232' } }],
  ])('shows %s', (_, document) => {
    expect(validate(document)).toBe(false);
  });
});
