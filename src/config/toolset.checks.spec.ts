import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { parseConfiguration } from './configuration.file.js';

const frame = `publicUrls: [http://localhost:3232]
database: { url: "env:X" }
providers: { corp: { preset: oidc, issuer: "https://idp.example" } }
tenants: { acme: { rules: [{ provider: corp }] }, globex: { rules: [{ provider: corp, claim: org, equals: globex }] } }
`;
const parse = (yaml: string) => parseConfiguration(frame + yaml, 'gatehouse.yaml');

function problemOf(yaml: string): string {
  try {
    parse(yaml);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'none';
}

describe('toolsets', () => {
  it('may have the same name in several tenants', () => {
    const { toolsets } = parse('toolsets: [{ name: a, tenant: acme, include: ["x.*"] }, { name: a, tenant: globex, include: ["x.*"], searchAbove: 7, profile: gemini }]');
    expect(toolsets.map(({ tenant, scopes, searchAbove }) => [tenant, scopes, searchAbove])).toEqual([
      ['acme', [], undefined],
      ['globex', [], 7],
    ]);
  });

  it.each([
    ['{ name: a, tenant: nobody, include: ["x.*"] }', 'toolsets[0].tenant: names tenant "nobody", which tenants does not define'],
    ['{ name: a, tenant: acme, include: ["x.*"] }, { name: a, tenant: acme, include: ["y.*"] }', 'toolsets[1].name: tenant "acme" already has a toolset named "a"'],
    ['{ name: A, tenant: acme, include: ["x.*"] }', 'toolsets[0].name: must be a name for a path'],
    ['{ name: "../a", tenant: acme, include: ["x.*"] }', 'toolsets[0].name: must be a name for a path'],
    [`{ name: ${'a'.repeat(41)}, tenant: acme, include: ["x.*"] }`, 'toolsets[0].name: must be a name for a path'],
    ['{ name: a, tenant: acme, include: [] }', 'toolsets[0].include'],
    ['{ name: a, tenant: acme }', 'toolsets[0].include: is missing'],
    ['{ name: a, tenant: acme, include: ["x y"] }', 'toolsets[0].include[0]: must be api.operation'],
    ['{ name: a, tenant: acme, include: ["x.*"], scopes: ["a b"] }', 'toolsets[0].scopes[0]: must be a scope'],
    ['{ name: a, tenant: acme, include: ["x.*"], profile: nobody }', 'toolsets[0].profile: must be one of default, '],
    ['{ name: a, tenant: acme, include: ["x.*"], searchAbove: true }', 'toolsets[0].searchAbove: must be a number of tools, or false'],
    ['{ name: a, tenant: acme, include: ["x.*"], more: 1 }', 'toolsets[0].more: unknown key'],
  ])('are refused with what is wrong: %s', (sets, problem) => {
    expect(problemOf(`toolsets: [${sets}]`)).toContain(problem);
  });
});

describe('the settings of tools', () => {
  it('are a search above 40 tools unless they say otherwise', () => {
    expect([parse('').tools, parse('tools: { searchAbove: false }').tools.searchAbove, parse('tools: { searchAbove: 0 }').tools.searchAbove]).toEqual([{ searchAbove: 40, profiles: {} }, false, 0]);
  });

  it.each([
    ['{ searchAbove: -1 }', 'tools.searchAbove'],
    ['{ searchAbove: "40" }', 'tools.searchAbove: must be a number of tools, or false'],
    ['{ profiles: { x: nobody } }', 'tools.profiles.x: must be one of default, '],
    ['{ search: 1 }', 'tools.search: unknown key'],
  ])('are refused with what is wrong: %s', (tools, problem) => {
    expect(problemOf(`tools: ${tools}`)).toContain(problem);
  });
});
