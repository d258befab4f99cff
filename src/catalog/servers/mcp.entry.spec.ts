import { clientProfileNames } from '@gatehouse-mcp/openapi-tools';
import { describe, expect, it } from '@jest/globals';
import { importServer } from './import-server.js';
import type { MountedOrigin } from './mcp.origin.js';
import { parseDefinitions, readDefinitions, writeDefinitions, type ServerDefinitions } from './server.definitions.js';

const origin = (scopes: Readonly<Record<string, string>> = {}): MountedOrigin => ({ kind: 'mounted', name: 'wiki', scopes, make: () => Promise.reject(new Error('nobody makes it')) });
const nothing = { tools: [], resources: [], resourceTemplates: [], prompts: [] };
const tools = (...names: readonly string[]): ServerDefinitions => ({ ...nothing, tools: names.map((name) => ({ name, inputSchema: { type: 'object' } })) });

describe('entries of a server', () => {
  it('have names that clients take, each its own', () => {
    const names = importServer(origin(), tools('search', 'Search', 'a.b/c', 'x'.repeat(100), 'ページ')).entries.map(({ name }) => name);
    expect(names.every((name) => /^wiki_[A-Za-z0-9_-]{1,39}$/.test(name))).toBe(true);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(5);
    expect(names[2]).toBe('wiki_a_b_c');
  });

  it('never have the name of the tools that find others', () => {
    expect(importServer({ ...origin(), name: 'search' }, tools('tools')).entries[0]?.name).toMatch(/^search_tools_[0-9a-f]{6}$/);
  });

  it('need every scope whose pattern names them', () => {
    const { entries } = importServer(origin({ 'wiki.*': 'wiki:read', 'wiki.edit_*': 'wiki:write' }), tools('edit_page', 'read'));
    expect(entries.map(({ required }) => required)).toEqual([[['wiki:read', 'wiki:write']], [['wiki:read']]]);
    expect(entries[0]?.scopes).toEqual(['wiki:read', 'wiki:write']);
  });

  it.each(clientProfileNames)('are shown to clients of the profile %s whatever their schema is', (profile) => {
    const schemas = [{ type: 'object', properties: 5, required: 'x' }, { properties: { a: null, b: [], c: { type: ['string', 7], enum: 'x', anyOf: {} } }, allOf: [null, { $ref: 5 }] }, { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }, {}];
    for (const inputSchema of schemas) {
      const [entry] = importServer(origin(), { ...nothing, tools: [{ name: 't', inputSchema: inputSchema as never }] }).entries;
      expect(JSON.parse(entry?.underProfile(profile).toolJson() ?? '')).toMatchObject({ name: 'wiki_t' });
      expect(entry?.searchTerms.terms).toContain('wiki');
    }
  });
});

describe('definitions', () => {
  it('are one text whatever their order, and come back from it', () => {
    const [one, other] = [readDefinitions({ ...nothing, tools: [{ name: 'b', inputSchema: { x: 1, y: 2 } }, { name: 'a', inputSchema: {} }] }), readDefinitions({ ...nothing, tools: [{ inputSchema: {}, name: 'a' }, { inputSchema: { y: 2, x: 1 }, name: 'b', icons: [{ src: 'https://elsewhere.example' }] }] })];
    expect(writeDefinitions(one).toString()).toBe(writeDefinitions(other).toString());
    expect(parseDefinitions(writeDefinitions(one))).toEqual(one);
  });

  it.each([
    [{ tools: [{ name: 'a' }] }, /^tools\.0\.inputSchema/],
    [{ tools: [{ name: '', inputSchema: {} }] }, /^tools\.0\.name/],
    [{ resourceTemplates: [{ uriTemplate: '{+everything}', name: 'a' }] }, /must begin with a scheme/],
    [{ prompts: [{ name: 'a' }, { name: 'a' }] }, /"a" stands there twice/],
    [{ resources: [{ uri: 'x:1', name: 'a' }, { uri: 'x:1', name: 'b' }] }, /"x:1" stands there twice/],
  ])('that are none are refused: %j', (listed, reason) => {
    expect(() => readDefinitions({ ...nothing, ...listed } as never)).toThrow(reason);
  });
});
