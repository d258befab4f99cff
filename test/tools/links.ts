import { Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { Secret } from '@gatehouse-mcp/oauth';
import { liveSchema } from '../../src/config/configuration.schema.js';
import { readSecrets } from '../../src/config/live-secrets.js';
import { SecretReader } from '../../src/config/secret-reference.js';
import type { CallContext } from '../../src/context/call-context.js';
import type { Caller } from '../../src/context/caller.js';
import type { Credential } from '../../src/context/credential.js';
import { chooseLinks } from '../../src/credentials/credential.chain.js';
import { createLinks } from '../../src/credentials/strategies.js';
import { withoutMemory } from '../../src/cli/without-memory.js';
import type { UserConnections } from '../../src/token-exchange/credential.strategy.js';
import { GrantedTokens } from '../../src/token-exchange/granted.tokens.js';
import { TokenEndpoints } from '../../src/token-exchange/token.endpoints.js';
import { testCaller } from './caller.js';

/** Who asks, as far as a link looks at it. */
export interface TestCall {
  readonly caller?: Partial<Caller>;
  readonly tenant?: string;
  readonly token?: string;
  readonly scopes?: readonly string[];
}

export interface TestLinks {
  readonly tokens: GrantedTokens;
  obtain(call?: TestCall): Promise<Credential>;
  stop(): Promise<void>;
}

/** The chain of one API as the gateway makes it, without a gateway around it. Secrets are given by the NAME of `env:NAME`. */
export function startLinks(credentials: readonly object[], { providers = {}, secrets = {}, connections = withoutMemory.connections }: { providers?: Readonly<Record<string, object>>; secrets?: Readonly<Record<string, string>>; connections?: UserConnections } = {}): TestLinks {
  const settings = liveSchema.parse({
    providers: { other: { preset: 'apiKey' }, ...providers },
    tenants: { acme: {} },
    apis: [{ name: 'items', tenant: 'acme', openapi: 'file:./items.json', credentials }],
  });
  const egress = new Egress(new EgressPolicy(['127.0.0.1']));
  const endpoints = new TokenEndpoints(() => egress);
  const tokens = new GrantedTokens();
  const links = createLinks({ revision: '1', settings, secrets: readSecrets(settings, new SecretReader('.', secrets)), endpoints, tokens, connections, resolved: withoutMemory.resolved });
  return {
    tokens,
    obtain: async ({ caller, tenant = 'acme', token, scopes = [] } = {}) => {
      const call: CallContext = {
        requestId: 'r',
        caller: testCaller(caller),
        tenant: { id: tenant, name: tenant, schema: tenant, role: tenant, state: 'active' },
        toolset: undefined,
        subjectToken: token === undefined ? undefined : new Secret(token),
        signal: new AbortController().signal,
        address: '127.0.0.1',
        publicUrl: 'http://127.0.0.1',
        resourceMetadata: '',
      };
      const link = links.get(chooseLinks(settings.apis[0]!.credentials, call.caller.kind)[0]!);
      if (!link) throw new Error('no link applies');
      const credential = await link.obtain(call, scopes);
      if (!credential) throw new Error('the link has nothing');
      return credential;
    },
    stop: () => endpoints.onApplicationShutdown(),
  };
}

/** The message of a refusal. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('it was not refused');
}
