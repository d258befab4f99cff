import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { EgressPolicy, HttpProxy, NoProxyList, splitNoProxy } from './index.js';

describe('what is denied', () => {
  const policy = new EgressPolicy(['api.acme.test', '10.0.0.0/8', '[fd00::1]', 'localhost'], ['10.96.0.0/12', 'pay.acme.test', 'log.acme.test:8080', '93.184.215.14:443', '[fd00::2]', '168.63.129.16']);
  const isAllowed = (host: string, port: number, address: string) => policy.judge(host, port, address).isAllowed;

  it('wins over what is allowed, by host, host and port, address, and CIDR', () => {
    expect(isAllowed('api.acme.test', 443, '10.1.1.1')).toBe(true);
    expect(isAllowed('api.acme.test', 443, '10.96.0.1')).toBe(false);
    expect(isAllowed('10.96.0.1', 443, '10.96.0.1')).toBe(false);
    expect(isAllowed('pay.acme.test', 443, '93.184.215.15')).toBe(false);
    expect(isAllowed('log.acme.test', 8080, '93.184.215.15')).toBe(false);
    expect(isAllowed('log.acme.test', 443, '93.184.215.15')).toBe(true);
    expect(isAllowed('api.acme.test', 443, '168.63.129.16')).toBe(false);
  });

  it('is denied by whatever name and notation it is reached', () => {
    expect(isAllowed('www.example', 443, '93.184.215.14')).toBe(false);
    expect(isAllowed('www.example', 80, '93.184.215.14')).toBe(true);
    expect(isAllowed('api.acme.test', 443, '::ffff:10.96.0.1')).toBe(false);
    expect(isAllowed('api.acme.test', 443, 'fd00:0:0:0:0:0:0:2')).toBe(false);
    for (const host of ['PAY.acme.test', 'pay.acme.test.']) expect(isAllowed(host, 443, '93.184.215.15')).toBe(false);
    expect(policy.listsHost('api.acme.test', 443)).toBe(true);
    expect(new EgressPolicy(['api.acme.test'], ['api.acme.test']).listsHost('api.acme.test', 443)).toBe(false);
  });

  it('names the entry that decided', () => {
    expect(policy.judge('x.test', 443, '10.96.0.1').by).toBe('egress.deny: 10.96.0.0/12');
    expect(policy.judge('x.test', 443, '10.1.0.1').by).toBe('egress.allow: 10.0.0.0/8');
    expect(policy.judge('x.test', 443, '93.184.215.15').by).toBe('the address is public');
    expect(policy.judge('x.test', 443, '192.168.0.1').by).toBe('the address is not public, and no entry of egress.allow names it');
  });

  it('is refused without asking for an address, where that is not needed', () => {
    expect(policy.judgeUnresolved('pay.acme.test', 443)?.isAllowed).toBe(false);
    expect(policy.judgeUnresolved('192.168.0.1', 443)?.isAllowed).toBe(false);
    expect(new EgressPolicy().judgeUnresolved('localhost', 443)?.isAllowed).toBe(false);
    expect(policy.judgeUnresolved('localhost', 443)?.isAllowed).toBe(true);
    expect(policy.judgeUnresolved('www.example', 443)).toBeUndefined();
  });
});

describe('what is allowed', () => {
  it('is compared as URLs write it, with and without the brackets of IPv6', () => {
    const policy = new EgressPolicy(['[FD00:0::1]', '[::1]:8080', 'API.acme.test:0443']);
    for (const host of ['fd00::1', '[fd00::1]']) expect(policy.listsHost(host, 443)).toBe(true);
    expect([policy.listsHost('::1', 8080), policy.listsHost('[::1]', 8080), policy.listsHost('::1', 80)]).toEqual([true, true, false]);
    expect([policy.listsHost('api.acme.test', 443), policy.listsHost('api.acme.test', 80)]).toEqual([true, false]);
    expect(() => new EgressPolicy(['a b'])).toThrow('neither');
  });
});

describe('NO_PROXY', () => {
  it.each<[string, string, number, boolean]>([
    ['acme.test', 'acme.test', 443, true],
    ['acme.test', 'API.acme.test', 443, true],
    ['acme.test', 'notacme.test', 443, false],
    ['.acme.test', 'api.acme.test', 443, true],
    ['.acme.test', 'acme.test', 443, false],
    ['*.acme.test', 'a.b.acme.test', 443, true],
    ['*.acme.test', 'acme.test', 443, false],
    ['api.acme.test:8080', 'api.acme.test', 8080, true],
    ['api.acme.test:8080', 'api.acme.test', 80, false],
    ['10.0.0.0/8', '10.2.3.4', 80, true],
    ['10.0.0.0/8', '11.2.3.4', 80, false],
    ['10.0.0.0/8', 'ten.acme.test', 80, false],
    ['127.0.0.1', '127.0.0.1', 80, true],
    ['127.0.0.1:81', '127.0.0.1', 80, false],
    ['::1', '::1', 80, true],
    ['[::1]:80', '[::1]', 80, true],
    ['*', 'anything.test', 1, true],
  ])('%s: %s:%i is connected directly: %s', (entry, host, port, isDirect) => {
    expect(new NoProxyList([entry]).find(host, port)).toBe(isDirect ? entry : undefined);
  });

  it('is separated by commas or blanks, and an entry that is none is refused', () => {
    expect(splitNoProxy('localhost, .acme.test,,10.0.0.0/8 ::1')).toEqual(['localhost', '.acme.test', '10.0.0.0/8', '::1']);
    for (const entry of ['192.168.*', 'http://a', 'a/b', '']) expect(() => new NoProxyList([entry])).toThrow('is no host');
  });
});

describe('the URL of a proxy', () => {
  it('is an http URL without a path, whose password nothing prints', () => {
    const proxy = new HttpProxy('http://gate:p%40ss-canary@proxy.acme.test:3128');
    expect([proxy.name, proxy.hasCredentials]).toEqual(['proxy.acme.test:3128', true]);
    const basic = Buffer.from('gate:p@ss-canary').toString('base64');
    for (const shown of [JSON.stringify(proxy), inspect(proxy, { showHidden: true, depth: 9 }), proxy.key]) for (const hidden of ['canary', basic]) expect(shown).not.toContain(hidden);
    for (const url of ['https://proxy.acme.test', 'socks5://a-canary:b@c', 'proxy.acme.test:3128', 'http://proxy.acme.test/path-canary', 'canary']) {
      expect(() => new HttpProxy(url)).toThrow(/^is (?!.*canary)/);
    }
  });
});
