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
    const [client] = (await this.#send('GET', `/clients?clientId=${encodeURIComponent(clientId)}`)) as { id: string }[];
    if (!client) throw new Error(`the realm has no client ${clientId}`);
    await this.#send('PUT', `/clients/${client.id}`, { ...client, enabled });
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
