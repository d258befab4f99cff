import { Secret } from '@gatehouse-mcp/oauth';
import { describe, expect, it } from '@jest/globals';
import { definitionsCall } from '../../catalog/servers/gateway.caller.js';
import { SessionMap, sessionKey, type ServerSession } from './session.map.js';

const session = (id: string): ServerSession => ({ version: '2025-11-25', id, capabilities: {} });

describe('sessions with other servers', () => {
  it('are opened once for all who wait, and again after a failure', async () => {
    const map = new SessionMap();
    let opened = 0;
    const open = async () => session(String((opened += 1)));
    const both = await Promise.all([map.obtain('a', open, () => undefined), map.obtain('a', open, () => undefined)]);
    expect(both.map(({ id }) => id)).toEqual(['1', '1']);
    await expect(map.obtain('b', () => Promise.reject(new Error('down')), () => undefined)).rejects.toThrow('down');
    expect((await map.obtain('b', open, () => undefined)).id).toBe('2');
  });

  it('are bounded, and ended when nobody used them', async () => {
    const map = new SessionMap();
    const ended: unknown[] = [];
    for (let n = 0; n < 5_001; n += 1) await map.obtain(`k${n}`, async () => session(String(n)), ({ id }) => ended.push(id));
    await Promise.resolve();
    expect([map.size, ended]).toEqual([5_000, ['0']]);
    map.sweep(0);
    await Promise.resolve();
    expect([map.size, ended.length]).toEqual([0, 5_001]);
  });

  it('differ by tenant, caller, client, server and credential, and their key shows no secret', () => {
    const call = definitionsCall(new AbortController().signal);
    const server = { name: 'wiki', url: 'https://wiki.example/mcp' };
    const credential = (text: string) => ({ placement: { in: 'header', name: 'authorization', prefix: 'Bearer ', secret: new Secret(text) } }) as const;
    const keys = [
      sessionKey(call, server, credential('a')),
      sessionKey(call, server, credential('b')),
      sessionKey(call, server, undefined),
      sessionKey(call, { ...server, url: 'https://other.example/mcp' }, credential('a')),
      sessionKey({ ...call, tenant: { ...call.tenant, id: 'other' } }, server, credential('a')),
      ...[{ subject: 'x' }, { issuer: 'x' }, { clientId: 'x' }, { kind: 'user' } as const].map((other) => sessionKey({ ...call, caller: { ...call.caller, ...other } }, server, credential('a'))),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(sessionKey(call, server, credential('canary-secret'))).not.toContain('canary-secret');
  });
});
