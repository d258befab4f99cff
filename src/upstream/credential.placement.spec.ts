import { describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import type { Placement } from '../context/credential.js';
import { placeCredential } from './credential.placement.js';

const key = (place: Placement['in'], name: string): Placement => ({ in: place, name, prefix: '', secret: new Secret('k&y=1') });
const request = (url: string, headers: readonly (readonly [string, string])[] = []) => ({ method: 'GET', url: new URL(url), headers });

describe('a credential in its place', () => {
  it('is a header, in place of an argument of that name', () => {
    expect(placeCredential(request('https://a.example', [['accept', '*/*'], ['x-api-key', 'argument']]), key('header', 'X-API-Key')).headers).toEqual([['accept', '*/*'], ['x-api-key', 'k&y=1']]);
  });

  it('is a query parameter, in place of an argument of that name however it is written, and leaves the others as they are', () => {
    const { url } = placeCredential(request('https://a.example/x?q=a%20b+c&key=argument&k%65y=argument&keys=1'), key('query', 'key'));
    expect(url.search).toBe('?q=a%20b+c&keys=1&key=k%26y%3D1');
    expect(placeCredential(request('https://a.example/x'), key('query', 'key')).url.href).toBe('https://a.example/x?key=k%26y%3D1');
  });

  it('is a cookie beside the others, in place of an argument of that name', () => {
    expect(placeCredential(request('https://a.example', [['cookie', 'a=1; sid=argument; b=2'], ['accept', '*/*']]), key('cookie', 'sid')).headers).toEqual([['accept', '*/*'], ['cookie', 'a=1; b=2; sid=k&y=1']]);
  });
});
