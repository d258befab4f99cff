import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startGateway, type TestGateway } from '../tools/gateway.js';
import { largeDocument } from '../tools/large-document.js';
import { sendModern } from '../tools/mcp-messages.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    document: largeDocument(1_100),
    change: (settings) => {
      settings['tools'] = { searchAbove: false };
      settings['toolsets'] = ['one', 'two'].map((name) => ({ name, tenant: 'acme', include: ['items.*'] }));
      // Reserves the last tool, which is behind the first page.
      settings['policy'] = { roles: { admin: ['items.readTicket109'] } };
      (settings['providers'] as Record<string, Record<string, unknown>>)['corp']!['roles'] = { claim: 'groups' };
    },
  });
}, 60_000);
afterAll(() => gateway.stop());

const callers = {
  alice: { claims: {}, path: '/mcp', client: 'test' },
  'a user with other rights': { claims: { sub: 'root', groups: ['admin'] }, path: '/mcp', client: 'test' },
  'a user of another tenant': { claims: { sub: 'gus', tenant: 'globex' }, path: '/mcp', client: 'test' },
  'a client of another profile': { claims: {}, path: '/mcp', client: 'cursor-vscode' },
  'toolset one': { claims: {}, path: '/mcp/sets/one', client: 'test' },
  'toolset two': { claims: {}, path: '/mcp/sets/two', client: 'test' },
} as const;
type Name = keyof typeof callers;

async function list(name: Name, cursor?: string) {
  const { claims, path, client } = callers[name];
  const token = await gateway.token({ aud: gateway.url + path, ...claims });
  return sendModern(gateway, 'tools/list', cursor === undefined ? {} : { cursor }, { token, path, client });
}

describe('a cursor', () => {
  it('leads through the whole list, each tool once and in the same order each time', async () => {
    const walk = async () => {
      const first = await list('alice');
      const second = await list('alice', first.result.nextCursor);
      expect(second.result.nextCursor).toBeUndefined();
      return [...first.result.tools, ...second.result.tools].map(({ name }) => name);
    };
    const names = await walk();
    expect([names.length, new Set(names).size]).toEqual([1_103, 1_103]);
    expect(await walk()).toEqual(names);
  });

  it('of another list is none: -32602, whoever brings it where', async () => {
    const cursors = new Map<Name, string>();
    for (const name of Object.keys(callers) as Name[]) cursors.set(name, String((await list(name)).result.nextCursor));
    expect(new Set(cursors.values()).size).toBe(cursors.size);
    for (const name of cursors.keys()) {
      for (const [owner, cursor] of cursors) {
        const { result, error } = await list(name, cursor);
        expect([name, owner, result.tools?.length, error?.code]).toEqual([name, owner, name === owner ? (name === 'a user with other rights' ? 104 : 103) : undefined, name === owner ? undefined : -32602]);
      }
    }
  }, 60_000);

  it('that was changed, or made up, is none', async () => {
    const cursor = String((await list('alice')).result.nextCursor);
    const text = Buffer.from(cursor, 'base64url').toString('latin1');
    const changed = (latin1: string) => Buffer.from(latin1, 'latin1').toString('base64url');
    for (const other of [`${cursor}x`, cursor.slice(1), cursor.toUpperCase(), changed(text.replace(/\d+$/, '999')), changed(text.replace(/\d+$/, '0')), Buffer.from('items_getItem').toString('base64url'), '', '0', '__proto__', '../', 'x'.repeat(100_000)]) {
      const { status, error, result } = await list('alice', other);
      expect([status, error?.code, result.tools]).toEqual([200, -32602, undefined]);
    }
  });

  it('of a list that a revision changed is none', async () => {
    const cursor = String((await list('alice')).result.nextCursor);
    await gateway.apply((settings) => {
      settings['policy'] = { roles: { admin: ['items.readTicket109', 'items.readTicket108'] } };
    });
    expect((await list('alice', cursor)).error?.code).toBe(-32602);
  });
});
