import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '@gatehouse-mcp/oauth';
import { testCaller } from '../../../test/tools/caller.js';
import { liveSchema } from '../../config/configuration.schema.js';
import type { LiveConfiguration } from '../../config/live-configuration.js';
import { ConnectLinks } from './connect-links.js';

const settings = liveSchema.parse({
  providers: { corp: { preset: 'oidc', issuer: 'https://idp.example', browser: { clientId: 'pages' } }, keys: { preset: 'apiKey' } },
  tenants: { acme: { rules: [{ provider: 'corp' }, { provider: 'keys' }] } },
  vault: { keys: ['env:KEY'] },
});
const secrets = new Map([['env:KEY', new Secret(randomBytes(32).toString('hex'))]]);
// All that links read of it.
const links = new ConnectLinks({ current: { settings, secrets } } as unknown as LiveConfiguration);
const tenant = { id: 'a', name: 'acme', schema: 'a', role: 'a', state: 'active' } as const;
const create = (provider: string) => links.create({ tenant, caller: testCaller({ provider, issuer: provider, subject: 'alice' }), publicUrl: 'https://mcp.example' }, 'tickets');

describe('a link to connect something', () => {
  it('says for whom it was made, to us alone', async () => {
    const sealed = new URL(await create('corp')).searchParams.get('for') ?? '';
    expect(await links.read(sealed)).toEqual({ tenant: 'acme', issuer: 'corp', subject: 'alice', connection: 'tickets' });
    expect(await links.read(`${sealed}x`)).toBeUndefined();
  });

  it('is not made for somebody who cannot sign in where it leads', async () => {
    await expect(create('keys')).rejects.toMatchObject({ status: 403, message: 'it cannot be connected by you: only who signs in at corp can open the page for it, and you came with keys' });
  });
});
