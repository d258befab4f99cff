import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from './configuration.error.js';
import { parseConfiguration } from './configuration.file.js';

const account = { name: 'tracker', tenant: 'acme', type: 'oauth', issuer: 'https://tracker.example', clientId: 'gatehouse', clientSecret: 'env:S' };
const secret = { name: 'wiki', tenant: 'acme', type: 'secret' };
const vaultLink = { type: 'vault', when: 'user', connection: 'tracker' };
const secretLink = { type: 'user-secret', when: 'user', connection: 'wiki', in: 'header', name: 'X-Key' };

/** What is wrong with a file of these connections, each used by an API of its own. */
function problemsOf(connections: readonly object[], links: readonly object[], more: object = {}): readonly string[] {
  const text = JSON.stringify({
    publicUrls: ['https://mcp.example'],
    database: { url: 'env:D' },
    providers: { corp: { preset: 'oidc', issuer: 'https://sso.example', browser: { clientId: 'pages' } } },
    tenants: { acme: { rules: [{ provider: 'corp' }] }, globex: {} },
    vault: { keys: ['env:V'] },
    connections,
    apis: links.map((link, index) => ({ name: `a${index}`, tenant: 'acme', openapi: 'file:./a.json', credentials: [link] })),
    ...more,
  });
  try {
    parseConfiguration(text, 'gatehouse.yaml');
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
  return [];
}

describe('connections', () => {
  it('are taken with the links that use them', () => {
    expect(problemsOf([account, secret], [vaultLink, secretLink])).toEqual([]);
    expect(problemsOf([{ ...secret, kind: 'password' }], [{ ...secretLink, in: 'basic', name: undefined }])).toEqual([]);
    for (const preset of ['github', 'google', 'gitlab', 'microsoft']) expect(problemsOf([{ ...account, issuer: undefined, preset }], [vaultLink])).toEqual([]);
  });

  it.each<[string, readonly object[], readonly object[], string]>([
    ['a server that nobody can find', [{ ...account, issuer: undefined }], [vaultLink], 'connections[0].issuer is missing; or give authorizationEndpoint and tokenEndpoint'],
    ['a tenant that is not there', [{ ...account, tenant: 'initech' }, account], [vaultLink], 'connections[0].tenant names tenant "initech"'],
    ['the same name twice', [account, account], [vaultLink], 'connections[1].name tenant "acme" already has a connection named "tracker"'],
    ['one that no API uses', [account, secret], [vaultLink], 'connections[1].name is used by no API of tenant "acme"'],
    ['a parameter that is ours', [{ ...account, parameters: { state: 'x' } }], [vaultLink], 'connections[0].parameters.state is set by Gatehouse itself'],
    ['scopes as a parameter', [{ ...account, parameters: { scope: 'x' } }], [vaultLink], 'connections[0].parameters.scope is set by scopes'],
    ['a title with markup', [{ ...account, title: '<b>' }], [vaultLink], 'connections[0].title must be 1 to 60 characters'],
    ['a secret for a vault', [secret], [{ ...vaultLink, connection: 'wiki' }], 'apis[0].credentials[0].connection names connection "wiki" of type secret; a vault link takes one of type oauth'],
    ['an account for a key', [account], [{ ...secretLink, connection: 'tracker' }], 'apis[0].credentials[0].connection names connection "tracker" of type oauth; a user-secret link takes one of type secret'],
    ['a password in a header', [{ ...secret, kind: 'password' }], [secretLink], 'apis[0].credentials[0].in must be basic'],
    ['a key as Basic', [secret], [{ ...secretLink, in: 'basic', name: undefined }], 'apis[0].credentials[0].in is basic, which takes a connection of kind: password'],
    ['a key without a name', [secret], [{ ...secretLink, name: undefined }], 'apis[0].credentials[0].name is missing'],
    ['machines, which have nothing of their own', [account], [{ ...vaultLink, when: undefined }], 'apis[0].credentials[0].when must be user'],
  ])('name the setting for %s', (_, connections, links, problem) => {
    expect(problemsOf(connections, links)).toContainEqual(expect.stringContaining(problem));
  });

  it('need a vault, and somewhere for people to sign in', () => {
    expect(problemsOf([account], [vaultLink], { vault: undefined })).toEqual([expect.stringContaining('vault.keys is missing')]);
    expect(problemsOf([account], [vaultLink], { providers: { corp: { preset: 'oidc', issuer: 'https://sso.example' } } })).toEqual([expect.stringContaining('connections[0].tenant names tenant "acme", whose people cannot sign in at /connections')]);
  });
});
