import {
  type CallToolResult,
  Client,
  InsufficientScopeError,
  StreamableHTTPClientTransport,
  type Tool,
  UnauthorizedError,
  auth,
} from '@modelcontextprotocol/client';
import { HeadlessProvider } from '../login/headless.provider.js';
import { Recorder } from './recorder.js';

/** A user's agent: the official SDK client that knows nothing but the MCP URL. */
export class Agent {
  readonly recorder = new Recorder();
  readonly provider: HeadlessProvider;
  private client = newClient();

  constructor(
    readonly user: string,
    private readonly url: URL,
  ) {
    this.provider = new HeadlessProvider(user);
  }

  /** The first attempt meets the 401 that starts discovery; the second one carries the token. */
  async connect(): Promise<void> {
    const transport = this.openTransport();
    try {
      await this.client.connect(transport);
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(this.provider.takeCallback());
      this.client = newClient();
      await this.client.connect(this.openTransport());
    }
  }

  /** The protocol revision that client and gateway agreed on. */
  get protocolVersion(): string {
    return this.client.getNegotiatedProtocolVersion() ?? 'unknown';
  }

  get grantedScopes(): readonly string[] {
    return (this.provider.tokens()?.scope ?? '').split(' ').filter(Boolean);
  }

  async listTools(): Promise<readonly Tool[]> {
    return (await this.client.listTools()).tools;
  }

  call(name: string, input: Record<string, unknown> = {}): Promise<CallToolResult> {
    return this.client.callTool({ name, arguments: input });
  }

  /** A call that must be answered with a step-up challenge; undefined when it was not. */
  async callForChallenge(name: string, input: Record<string, unknown>): Promise<InsufficientScopeError | undefined> {
    try {
      await this.call(name, input);
      return undefined;
    } catch (error) {
      if (error instanceof InsufficientScopeError) return error;
      throw error;
    }
  }

  /** Signs in again for the scopes of a challenge, as a person would when the client asks them to. */
  async stepUp(challenge: InsufficientScopeError): Promise<void> {
    const options = {
      serverUrl: this.url,
      fetchFn: this.recorder.fetch,
      forceReauthorization: true,
      ...(challenge.requiredScope === undefined ? {} : { scope: challenge.requiredScope }),
      ...(challenge.resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: challenge.resourceMetadataUrl }),
    };
    await auth(this.provider, options);
    await this.openTransport().finishAuth(this.provider.takeCallback());
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private openTransport(): StreamableHTTPClientTransport {
    // The SDK would step up by itself; the story does it in the open, and only once.
    return new StreamableHTTPClientTransport(this.url, { authProvider: this.provider, fetch: this.recorder.fetch, onInsufficientScope: 'throw' });
  }
}

function newClient(): Client {
  return new Client({ name: 'gatehouse-demo', version: '0.1.0' }, { versionNegotiation: { mode: 'auto' } });
}
