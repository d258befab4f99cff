import { indexOperations, loadDocument } from '@gatehouse-mcp/openapi-tools';
import { describe, expect, it } from '@jest/globals';
import { describeMissingCredentials } from './credential-hint.js';

const { operations } = indexOperations(
  loadDocument(
    JSON.stringify({
      openapi: '3.1.0',
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
          query: { type: 'apiKey', in: 'query', name: 'token' },
          oauth: { type: 'oauth2', flows: {} },
        },
      },
      paths: {
        '/open': { get: { security: [], responses: {} } },
        '/optional': { get: { security: [{ key: [] }, {}], responses: {} } },
        '/either': { get: { security: [{ key: [] }, { oauth: ['read'] }], responses: {} } },
        '/both': { get: { security: [{ key: [], oauth: [] }], responses: {} } },
        '/query': { get: { security: [{ query: [] }], responses: {} } },
      },
    }),
  ),
);
const only = (path: string) => operations.filter((operation) => operation.path === path);

describe('W23: what a document asks for and nobody gives', () => {
  it.each([
    ['/open', [], undefined],
    ['/optional', [], undefined],
    ['/either', ['x-api-key'], undefined],
    ['/either', ['Authorization'], undefined],
    ['/either', [], '1 of 1 operations ask for a credential that no --header gives: X-Api-Key (key), Authorization (oauth)'],
    ['/both', ['X-Api-Key'], '1 of 1 operations ask for a credential that no --header gives: X-Api-Key (key), Authorization (oauth)'],
    ['/query', [], "1 of 1 operations ask for a credential that no --header gives: the query parameter token (query), which --base-url can carry: --base-url 'URL?token=…'"],
  ])('%s with %j', (path, given, expected) => {
    expect(describeMissingCredentials(only(path), given)).toBe(expected);
  });
});
