import { Inject, Injectable, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import type { Tenant } from '../context/tenant.js';
import { TenantProviders, type TenantScoped } from './tenant-providers.js';

const closed: string[] = [];

@Injectable({ scope: Scope.REQUEST })
class Territory implements TenantScoped {
  constructor(@Inject(REQUEST) readonly tenant: Tenant) {}

  close(): void {
    closed.push(this.tenant.name);
  }
}

const tenant = (name: string): Tenant => ({ id: `id-${name}`, name, schema: 's', role: 'r', state: 'active' });

async function open(): Promise<TenantProviders> {
  const module = await Test.createTestingModule({ providers: [TenantProviders, Territory] }).compile();
  closed.length = 0;
  return module.get(TenantProviders);
}

describe('the providers of a tenant', () => {
  it('are one for a tenant and another for the next', async () => {
    const providers = await open();
    const [first, again, other] = await Promise.all([providers.resolve(tenant('a'), Territory), providers.resolve(tenant('a'), Territory), providers.resolve(tenant('b'), Territory)]);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect([first.tenant.name, other.tenant.name]).toEqual(['a', 'b']);
  });

  it('are bounded: the least recently used tenant is closed for the next one', async () => {
    const providers = await open();
    for (let index = 0; index < 1_000; index++) await providers.resolve(tenant(`${index}`), Territory);
    await providers.resolve(tenant('0'), Territory);
    await providers.resolve(tenant('new'), Territory);
    await new Promise(setImmediate);
    expect(providers.size).toBe(1_000);
    expect(closed).toEqual(['1']);
  });

  it('are closed with the application', async () => {
    const providers = await open();
    await providers.resolve(tenant('a'), Territory);
    providers.onApplicationShutdown();
    await new Promise(setImmediate);
    expect(closed).toEqual(['a']);
    expect(providers.size).toBe(0);
  });
});
