import { describe, expect, it } from '@jest/globals';
import { pathOf, readDestination, readQuery, signInPath } from './destination.js';

describe('where a sign-in leads', () => {
  it('is one of our own pages, made of names', () => {
    expect(pathOf({})).toBe('/connections');
    expect(pathOf({ tenant: 'acme', connection: 'callback' })).toBe('/connections/to/callback');
    expect(pathOf({ connection: 'tracker', for: 'e30.a-b_c' })).toBe('/connections/to/tracker?for=e30.a-b_c');
    expect(signInPath('corp', { connection: 'tracker', for: 'x', tenant: undefined })).toBe('/connections/sign-in/corp?connection=tracker&for=x');
  });

  it('takes nothing from a query but these names', () => {
    expect(readDestination(readQuery({ url: '/connections?tenant=acme&returnTo=https%3A%2F%2Fevil.example&done=saved' }))).toEqual({ tenant: 'acme' });
  });

  it.each(['connection=%2F%2Fevil.example', 'connection=..', 'tenant=A', 'for=%22%3E', `for=${'x'.repeat(2_001)}`])('refuses %.40s', (query) => {
    expect(() => readDestination(new URLSearchParams(query))).toThrow('there is no such page');
  });
});
