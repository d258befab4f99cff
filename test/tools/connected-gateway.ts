import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuthorizationServer, startAuthorizationServer } from '../../demo/authorization-server/server.js';
import { CookieJar } from '../../demo/login/cookie-jar.js';
import { loginHeadless } from '../../demo/login/headless-login.js';
import { FakeBrowser } from './fake-browser.js';
import { startGateway, type TestGateway } from './gateway.js';
import { StdioProcess } from './stdio-process.js';

/** What the test's person does in the browser. */
export interface Person {
  user: string;
  decision: 'allow' | 'deny';
  /** Changes where the authorization server sends the browser back to. */
  detour: (callback: URL) => Promise<URL>;
}

/** A gateway whose users sign in at a real authorization server: registration, code, PKCE, rotating refresh tokens. */
export interface ConnectedGateway {
  readonly gateway: TestGateway;
  readonly authorizationServer: AuthorizationServer;
  readonly mcpUrl: string;
  /** A person at a machine of their own, with no sign-in yet. */
  person(change?: Partial<Person>): Promise<PersonAtMachine>;
  stop(): Promise<void>;
}

export async function startConnectedGateway(): Promise<ConnectedGateway> {
  const authorizationServer = await startAuthorizationServer({ port: 0, gatehouseSecret: 'unused', gatewayUrls: ['http://127.0.0.1:1'] });
  const gateway = await startGateway({
    tenants: ['acme'],
    change: (settings) => {
      const { host } = new URL(authorizationServer.issuer);
      const [api] = settings['apis'] as Record<string, unknown>[];
      const { allow } = settings['egress'] as { allow: string[] };
      Object.assign(api!, { credentials: [{ type: 'none' }], scopes: { 'items:read': 'orders:read', 'items:write': 'orders:write' } });
      Object.assign(settings, {
        providers: { corp: { preset: 'oidc', issuer: authorizationServer.issuer, basicScopes: ['openid', 'orders:read'] } },
        egress: { allow: [...allow, host] },
      });
    },
  });
  const people: PersonAtMachine[] = [];
  const mcpUrl = `${gateway.url}/mcp`;
  return {
    gateway,
    authorizationServer,
    mcpUrl,
    person: async (change = {}) => {
      const person = await PersonAtMachine.at(mcpUrl, change);
      people.push(person);
      return person;
    },
    stop: async () => {
      await Promise.all(people.map((person) => person.leave()));
      await gateway.stop();
      await authorizationServer.close();
    },
  };
}

/** Somebody whose host starts `gatehouse connect`. */
export class PersonAtMachine {
  readonly #mcpUrl: string;
  readonly #processes: StdioProcess[] = [];

  private constructor(
    mcpUrl: string,
    readonly browser: FakeBrowser,
    readonly person: Person,
  ) {
    this.#mcpUrl = mcpUrl;
  }

  static async at(mcpUrl: string, change: Partial<Person>): Promise<PersonAtMachine> {
    const person: Person = { user: 'alice', decision: 'allow', detour: async (callback) => callback, ...change };
    const cookies = new CookieJar();
    const browser = await FakeBrowser.start(async (authorizationUrl) => {
      const { user, decision } = person;
      await fetch(await person.detour(await loginHeadless({ authorizationUrl, user, decision, cookies })));
    });
    return new PersonAtMachine(mcpUrl, browser, person);
  }

  connect(...options: string[]): StdioProcess {
    const process = new StdioProcess(['connect', this.#mcpUrl, ...options], this.browser.environment);
    this.#processes.push(process);
    return process;
  }

  /** The same where there is nothing that opens a browser. */
  headless(...options: string[]): StdioProcess {
    const process = new StdioProcess(['connect', this.#mcpUrl, ...options], { PATH: '/nonexistent', HOME: this.browser.folder });
    this.#processes.push(process);
    return process;
  }

  /** Opens an address by hand. */
  async visit(url: string): Promise<void> {
    const { user, decision } = this.person;
    await fetch(await loginHeadless({ authorizationUrl: new URL(url), user, decision }));
  }

  get cacheFolder(): string {
    return join(this.browser.folder, '.cache', 'gatehouse');
  }

  /** The one file of the sign-in. */
  get cacheFile(): string {
    const [file, ...more] = readdirSync(this.cacheFolder).filter((name) => name.endsWith('.json'));
    if (file === undefined || more.length > 0) throw new Error(`the cache has ${more.length + 1} files`);
    return join(this.cacheFolder, file);
  }

  /** Modes of the folder and of the file, as chmod writes them. */
  get modes(): readonly string[] {
    return [this.cacheFolder, this.cacheFile].map((path) => (statSync(path).mode & 0o777).toString(8));
  }

  get kept(): Record<string, unknown> {
    return JSON.parse(readFileSync(this.cacheFile, 'utf8')) as Record<string, unknown>;
  }

  keep(change: Record<string, unknown>): void {
    writeFileSync(this.cacheFile, JSON.stringify({ ...this.kept, ...change }));
    chmodSync(this.cacheFile, 0o600);
  }

  async leave(): Promise<void> {
    for (const { child } of this.#processes) child.kill('SIGKILL');
    await this.browser.stop();
  }
}
