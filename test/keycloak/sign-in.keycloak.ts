import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import { Keycloak, userIds } from '../tools/keycloak/keycloak.js';
import { startKeycloakGateway, type KeycloakGateway } from '../tools/keycloak/keycloak.gateway.js';
import { KeycloakProvider } from '../tools/keycloak/keycloak.provider.js';

const keycloak = new Keycloak();
const url = new URL(keycloak.mcpUrl);
let gateway: KeycloakGateway;

beforeAll(async () => {
  gateway = await startKeycloakGateway(keycloak);
});
afterAll(() => gateway.stop());

const newClient = () => new Client({ name: 'agent', version: '1' });

/** Connects without any token: the SDK discovers, the person logs in, the code becomes tokens. */
async function signIn(provider: KeycloakProvider): Promise<void> {
  const transport = new StreamableHTTPClientTransport(url, { authProvider: provider });
  await expect(newClient().connect(transport)).rejects.toBeInstanceOf(UnauthorizedError);
  await transport.finishAuth(provider.takeCallback());
}

async function connect(provider: KeycloakProvider): Promise<Client> {
  const client = newClient();
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider: provider }));
  return client;
}

describe('an MCP client that is given nothing but Gatehouse\'s URL', () => {
  const provider = new KeycloakProvider('alice');

  it('finds Keycloak, logs in with code and PKCE, and calls a tool', async () => {
    await signIn(provider);
    const { origin, searchParams } = provider.authorizations[0]!;
    expect(origin).toBe(new URL(keycloak.issuer).origin);
    expect([searchParams.get('code_challenge_method'), searchParams.get('resource')]).toEqual(['S256', keycloak.mcpUrl]);
    expect(searchParams.get('scope')?.split(' ')).toEqual(expect.arrayContaining(['openid', 'orders:read']));

    const client = await connect(provider);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('orders_getOrder');
    const result = await client.callTool({ name: 'orders_getOrder', arguments: { id: '7' } });
    expect(result.isError ?? false).toBe(false);
    expect(gateway.upstream.last.path).toBe('/orders/7');
    await client.close();
  });

  it('refreshes when its access token is refused, without a new login', async () => {
    const before = provider.savedTokens!;
    // A token that is past its time is refused only after the tolerated 60 s; one with a damaged signature at once, in the same way.
    provider.saveTokens({ ...before, access_token: `${before.access_token.slice(0, -8)}AAAAAAAA` });
    const client = await connect(provider);
    const result = await client.callTool({ name: 'orders_getOrder', arguments: { id: '8' } });
    expect(result.isError ?? false).toBe(false);
    expect(provider.authorizations).toHaveLength(1);
    const [old, fresh] = [decodeJwt(before.access_token), decodeJwt(provider.savedTokens!.access_token)];
    expect(fresh).toMatchObject({ sub: userIds.alice, sid: old['sid'] });
    expect(fresh.jti).not.toBe(old.jti);
    await client.close();
  });
});
