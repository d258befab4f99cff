import { describe, expect, it } from '@jest/globals';
import { indexOperations } from '../operation/index-operations.js';
import { RepairList } from '../repair.js';
import { loadDocument, type LoadOptions } from './load-document.js';
import { parseServerBase, readOperationServer, serverBaseUnder, serverOrigins } from './server-url.js';

function read(levels: { document?: unknown; path?: unknown; operation?: unknown }, options: LoadOptions = {}) {
  const servers = (list: unknown) => (list === undefined ? {} : { servers: list });
  const text = JSON.stringify({ openapi: '3.1.0', paths: { '/a': { ...servers(levels.path), get: { ...servers(levels.operation), responses: {} } } }, ...servers(levels.document) });
  const document = loadDocument(text, options);
  const [operation] = indexOperations(document).operations;
  if (operation === undefined) throw new Error('no operation');
  const repairs = new RepairList();
  const server = readOperationServer(document, operation, repairs);
  return { document, server, problems: repairs.toArray().map(({ message }) => message) };
}
const url = 'https://docs.example/api/openapi.json';
const one = (text: string, variables?: unknown) => [{ url: text, ...(variables === undefined ? {} : { variables }) }];

describe('W18: servers', () => {
  it('the operation\'s over its path\'s over the document\'s', () => {
    const [document, path, operation] = [one('https://d.example'), one('https://p.example'), one('https://o.example')];
    expect(read({ document, path, operation }).server.url).toBe('https://o.example/');
    expect(read({ document, path }).server.url).toBe('https://p.example/');
    expect(read({ document, path: [], operation: [] }).server.url).toBe('https://d.example/');
    expect(read({}, { url }).server.url).toBe('https://docs.example/');
  });

  it('relative ones resolve against the document\'s address, not its $self; without an address there is none and no fault', () => {
    expect(read({ document: one('v1') }, { url }).server.url).toBe('https://docs.example/api/v1');
    expect(read({ document: one('/v1') }, { url }).server.url).toBe('https://docs.example/v1');
    expect(read({ document: one('//h.example/v1') }, { url: 'http://docs.example/' }).server.url).toBe('http://h.example/v1');
    expect(read({ document: one('//h.example/v1') }).server.url).toBe('https://h.example/v1');
    expect(read({ document: one('/v1') })).toMatchObject({ server: {}, problems: [] });
    expect(read({ document: one('/v1') }, { url: 'file:///tmp/openapi.json' })).toMatchObject({ server: {}, problems: [] });
  });

  it('the first usable of several serves', () => {
    const list = [{ url: 'wss://s.example' }, { url: 'https://{x}.example', variables: {} }, { url: 'https://ok.example/v1' }, { url: 'https://next.example' }];
    expect(read({ document: list })).toMatchObject({ server: { url: 'https://ok.example/v1' }, problems: [] });
  });

  it('variables take the administrator\'s value or the default, never one outside the enum', () => {
    const server = one('https://{region}.example:{port}', { region: { default: 'eu', enum: ['eu', 'us'] }, port: { default: 8443 } });
    expect(read({ document: server }).server.url).toBe('https://eu.example:8443/');
    expect(read({ document: server }, { serverVariables: { region: 'us', port: '9443' } }).server.url).toBe('https://us.example:9443/');
    for (const region of ['evil.example/', 'toString', '']) {
      expect(read({ document: server }, { serverVariables: { region } })).toMatchObject({ server: {}, problems: [expect.stringContaining('"region"')] });
    }
    expect(read({ document: one('https://{x}.example', { x: { default: 'a', enum: ['b'] } }) }).problems).toHaveLength(1);
    expect(read({ document: one('https://{__proto__}.example') }).problems).toHaveLength(1);
  });

  it.each(['ftp://h.example', 'file:///etc', 'javascript:alert(1)', 'https://', 'http://[', 'https://user:secret@h.example'])('attack 14: %s gives no server and is said, without its secrets', (text) => {
    const { server, problems } = read({ document: one(text) }, { url });
    expect(server.url).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain('secret');
  });

  it('serverOrigins names the origins of all servers at all levels', () => {
    const document = loadDocument(
      JSON.stringify({
        openapi: '3.2.0',
        servers: [...one('https://a.example/x'), ...one('https://b.example:8443'), ...one('ftp://no')],
        paths: {
          '/a': { servers: one('http://127.0.0.1:81'), get: {} },
          '/b': { get: { servers: one('/rel') }, additionalOperations: { PURGE: { servers: one('https://purge.example') } } },
          '/c': { $ref: '#/components/pathItems/C' },
        },
        components: { pathItems: { C: { servers: one('https://c.example'), get: {} } } },
      }),
      { url },
    );
    expect([...serverOrigins(document)]).toEqual(['https://a.example', 'https://b.example:8443', 'http://127.0.0.1:81', 'https://docs.example', 'https://purge.example', 'https://c.example']);
    expect([...serverOrigins(loadDocument('{"openapi":"3.0.0","paths":{"/a":null,"/b":{"$ref":"#/none"}}}'))]).toEqual([]);
  });
});

describe('W19: a base URL in place of the document\'s server', () => {
  const under = (levels: Parameters<typeof read>[0], override: string) => {
    const base = serverBaseUnder(read(levels, { url }).server, override);
    return base === undefined ? undefined : `${base.origin}${base.path}`;
  };

  it('replaces the document\'s default server', () => {
    expect(under({ document: one('https://d.example/v1') }, 'http://127.0.0.1:9/base/')).toBe('http://127.0.0.1:9/base');
    expect(under({}, 'http://127.0.0.1:9')).toBe('http://127.0.0.1:9');
    expect(under({ document: one('ftp://x') }, 'http://127.0.0.1:9')).toBe('http://127.0.0.1:9');
  });

  it('a relative server of an operation or path resolves against it', () => {
    for (const base of ['http://127.0.0.1:9/base', 'http://127.0.0.1:9/base/']) {
      expect(under({ document: one('https://d.example'), operation: one('v2') }, base)).toBe('http://127.0.0.1:9/base/v2');
      expect(under({ document: one('https://d.example'), path: one('/v2/') }, base)).toBe('http://127.0.0.1:9/v2');
    }
  });

  it('a relative server of a document without an address resolves against the document\'s server', () => {
    expect(read({ document: one('https://d.example/v1'), operation: one('/files') }).server.url).toBe('https://d.example/files');
    expect(read({ document: one('https://d.example/v1'), path: one('files') }).server.url).toBe('https://d.example/v1/files');
  });

  it('an absolute server of an operation stays its own', () => {
    expect(under({ document: one('https://d.example'), operation: one('https://upload.example/files') }, 'http://127.0.0.1:9/base')).toBe('https://upload.example/files');
  });

  it('the document\'s server, named once more at an operation or path, is replaced like itself', () => {
    const document = one('https://d.example/v1');
    expect(under({ document, operation: one('https://d.example/v1') }, 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/base');
    expect(under({ document, path: one('https://d.example/v1/files') }, 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/base/files');
    expect(under({ document, operation: one('https://d.example/v10') }, 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/v10');
    expect(under({ document: one('//d.example'), operation: one('https://d.example') }, 'http://127.0.0.1:9')).toBe('http://127.0.0.1:9');
  });

  it('one that names the document\'s server once more is replaced with it', () => {
    const levels = (operation: string) => ({ document: one('https://d.example/v1'), operation: one(operation) });
    expect(under(levels('https://d.example/v1/'), 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/base');
    expect(under(levels('https://d.example/v1/files'), 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/base/files');
    expect(under(levels('https://d.example/v2'), 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/v2');
    expect(under(levels('https://d.example/v10'), 'http://127.0.0.1:9/base')).toBe('http://127.0.0.1:9/v10');
  });

  it('an unusable one of an operation gives way to it; an unusable override is none', () => {
    expect(under({ operation: one('ftp://x') }, 'http://127.0.0.1:9')).toBe('http://127.0.0.1:9');
    expect(under({ operation: one('https://{v}.example') }, 'http://127.0.0.1:9')).toBe('http://127.0.0.1:9');
    expect(under({}, 'ftp://x')).toBeUndefined();
    expect(under({}, 'https://user:pw@h.example')).toBeUndefined();
  });

  it('keeps the prefix and the query of a server URL', () => {
    expect(parseServerBase('https://h.example/a//b/?key=1#x')).toEqual({ origin: 'https://h.example', path: '/a//b', query: 'key=1' });
  });
});
