/** What an administrator of the realm acme does while Gatehouse runs, through Keycloak's admin REST API. */
export class KeycloakAdmin {
  /** @param base Keycloak's own URL */
  constructor(private readonly base: string) {}

  /** Adds a signing key that new tokens are signed with; the old ones stay published. */
  async rotateSigningKey(): Promise<void> {
    const priority = Math.floor(Date.now() / 1_000);
    await this.#send('POST', '/components', {
      name: `rsa-rotated-${priority}`,
      providerId: 'rsa-generated',
      providerType: 'org.keycloak.keys.KeyProvider',
      config: { priority: [String(priority)], enabled: ['true'], active: ['true'], algorithm: ['RS256'], keySize: ['2048'] },
    });
  }

  /** Ends all sessions of the user. */
  async logOut(userId: string): Promise<void> {
    await this.#send('POST', `/users/${userId}/logout`);
  }

  async setClientEnabled(clientId: string, enabled: boolean): Promise<void> {
    const client = await this.#findClient(clientId);
    await this.#send('PUT', `/clients/${client.id}`, { ...client, enabled });
  }

  /** Makes a client scope; a token with it names the audience, and the user's roles at that client. What is there already stays. */
  async addScope(name: string, audience?: string): Promise<void> {
    if (await this.#findScope(name)) return;
    const mapper = (protocolMapper: string, config: object) => ({ name: protocolMapper, protocol: 'openid-connect', protocolMapper, config: { 'access.token.claim': 'true', 'introspection.token.claim': 'true', ...config } });
    await this.#send('POST', '/client-scopes', {
      name,
      protocol: 'openid-connect',
      attributes: { 'include.in.token.scope': 'true' },
      protocolMappers:
        audience === undefined
          ? []
          : [
              mapper('oidc-audience-mapper', { 'included.client.audience': audience }),
              mapper('oidc-usermodel-client-role-mapper', { 'usermodel.clientRoleMapping.clientId': audience, 'claim.name': 'resource_access.${client_id}.roles', 'jsonType.label': 'String', multivalued: 'true' }),
            ],
    });
  }

  /** From now on the client may ask for the scope. */
  async allowScope(clientId: string, name: string): Promise<void> {
    const [client, scope] = [await this.#findClient(clientId), await this.#findScope(name)];
    if (!scope) throw new Error(`the realm has no scope ${name}`);
    await this.#send('PUT', `/clients/${client.id}/optional-client-scopes/${scope.id}`);
  }

  async grantRoles(userId: string, clientId: string, names: readonly string[]): Promise<void> {
    const { id } = await this.#findClient(clientId);
    const roles = await Promise.all(names.map((name) => this.#send('GET', `/clients/${id}/roles/${name}`)));
    await this.#send('POST', `/users/${userId}/role-mappings/clients/${id}`, roles);
  }

  async #findClient(clientId: string): Promise<{ readonly id: string }> {
    const [client] = (await this.#send('GET', `/clients?clientId=${encodeURIComponent(clientId)}`)) as { id: string }[];
    if (!client) throw new Error(`the realm has no client ${clientId}`);
    return client;
  }

  async #findScope(name: string): Promise<{ readonly id: string } | undefined> {
    const scopes = (await this.#send('GET', '/client-scopes')) as { id: string; name: string }[];
    return scopes.find((scope) => scope.name === name);
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.base}/admin/realms/acme${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#logIn()}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async #logIn(): Promise<string> {
    const { KEYCLOAK_ADMIN: username = 'admin', KEYCLOAK_ADMIN_PASSWORD: password = 'admin' } = process.env;
    const response = await fetch(`${this.base}/realms/master/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', username, password }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
