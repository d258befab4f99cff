import { describe, expect, it } from '@jest/globals';
import { loadDocument } from '../document/load-document.js';
import { compileOperation } from '../tool/compile-operation.js';
import { indexOperations } from './index-operations.js';

const securitySchemes = {
  header: { type: 'apiKey', in: 'header', name: 'X-Key' },
  query: { type: 'apiKey', in: 'query', name: 'api_key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'SID' },
  basic: { type: 'http', scheme: 'Basic' },
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  digest: { type: 'http', scheme: 'digest' },
  oauth: { type: 'oauth2', flows: {} },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://x.example' },
  mtls: { type: 'mutualTLS' },
  odd: { type: 'apiKey', in: 'moon' },
  byRef: { $ref: '#/components/securitySchemes/basic' },
};

function compile(security: unknown, parameters: unknown[] = [], documentSecurity?: unknown) {
  const operation = { operationId: 'a', parameters, responses: {}, ...(security === undefined ? {} : { security }) };
  const document = loadDocument(
    JSON.stringify({ openapi: '3.1.0', paths: { '/a': { get: operation } }, components: { securitySchemes }, ...(documentSecurity === undefined ? {} : { security: documentSecurity }) }),
  );
  const [listed] = indexOperations(document).operations;
  if (listed === undefined) throw new Error('no operation');
  return { operation: listed, compiled: compileOperation(document, listed) };
}
const needs = (security: unknown, documentSecurity?: unknown) => compile(security, [], documentSecurity).operation.credentials;

describe('W23: credentials', () => {
  it.each([
    ['header', { kind: 'apiKey', in: 'header', name: 'X-Key' }],
    ['query', { kind: 'apiKey', in: 'query', name: 'api_key' }],
    ['cookie', { kind: 'apiKey', in: 'cookie', name: 'SID' }],
    ['basic', { kind: 'http-basic' }],
    ['bearer', { kind: 'http-bearer' }],
    ['digest', { kind: 'custom', name: 'digest' }],
    ['oauth', { kind: 'oauth2' }],
    ['oidc', { kind: 'openIdConnect' }],
    ['mtls', { kind: 'mutualTLS' }],
    ['odd', { kind: 'apiKey' }],
    ['byRef', { kind: 'http-basic' }],
    ['nowhere', { kind: 'custom' }],
    ['__proto__', { kind: 'custom' }],
  ])('%s', (scheme, need) => {
    const security = JSON.parse(`[{${JSON.stringify(scheme)}:["s"]}]`);
    expect(needs(security)).toEqual([[{ scheme, ...need, scopes: ['s'] }]]);
  });

  it('L11: a scheme named by its URI (3.2)', () => {
    const scheme = '#/components/securitySchemes/query';
    expect(needs([{ [scheme]: [] }])).toEqual([[{ scheme, kind: 'apiKey', in: 'query', name: 'api_key', scopes: [] }]]);
    expect(compile([{ [scheme]: ['role'] }]).operation.security).toEqual([]);
    expect(needs([{ '#/none': [] }])).toEqual([[{ scheme: '#/none', kind: 'custom', scopes: [] }]]);
  });

  it('alternatives of requirements that must all be met; {} needs nothing', () => {
    const names = (security: unknown, documentSecurity?: unknown) => needs(security, documentSecurity).map((all) => all.map(({ scheme }) => scheme));
    expect(names([{ oauth: ['a'], header: [] }, { basic: [] }, {}])).toEqual([['oauth', 'header'], ['basic'], []]);
    expect(names(undefined, [{ bearer: [] }])).toEqual([['bearer']]);
    expect(names([], [{ bearer: [] }])).toEqual([]);
    expect(names([null, 7, 'x'])).toEqual([]);
  });

  it('a credential is never an argument, wherever the document declares it as a parameter', () => {
    const parameters = [
      { name: 'x-key', in: 'header', schema: { type: 'string' } },
      { name: 'api_key', in: 'query', schema: { type: 'string' } },
      { name: 'SID', in: 'cookie', schema: { type: 'string' } },
      { name: 'Authorization', in: 'header', schema: { type: 'string' } },
      { name: 'q', in: 'query', schema: { type: 'string' } },
    ];
    const { compiled } = compile([{ oauth: ['a'] }], parameters);
    expect(Object.keys(compiled.tool.inputSchema['properties'] ?? {})).toEqual(['q']);
    expect(compiled.binding.parameters.map(({ name }) => name)).toEqual(['q']);
    expect(compiled.binding.parameters[0]?.reservedNames).toEqual(new Set(['api_key']));
  });
});
