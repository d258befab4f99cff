import { startGateway, type Settings, type TestGateway, type TestGatewayOptions } from './gateway.js';

/** What a test reads of an answer. */
export interface Answer {
  readonly result?: Record<string, unknown> & { readonly content?: readonly Record<string, unknown>[]; readonly isError?: boolean; readonly structuredContent?: Record<string, unknown> };
  readonly error?: { readonly code: number; readonly message: string };
}

/** A gateway with the workspace on: alice and dave belong to acme, bob to globex. */
export class TestWorkspace {
  readonly #tokens = new Map<string, string>();

  constructor(readonly gateway: TestGateway) {}

  /** @param allow hosts that it may connect besides */
  static async start(workspace: Settings = {}, { allow = [], ...options }: Omit<TestGatewayOptions, 'change'> & { readonly allow?: readonly string[] } = {}): Promise<TestWorkspace> {
    const change = (settings: Settings) => {
      settings['workspace'] = workspace;
      (settings['egress'] as { allow: string[] }).allow.push(...allow);
    };
    return new TestWorkspace(await startGateway({ ...options, change }));
  }

  async token(user: string): Promise<string> {
    const known = this.#tokens.get(user) ?? (await this.gateway.token({ sub: user, tenant: user === 'bob' ? 'globex' : 'acme' }));
    this.#tokens.set(user, known);
    return known;
  }

  async ask(user: string, method: string, params: object = {}): Promise<Answer> {
    const response = await this.gateway.post({ jsonrpc: '2.0', id: 1, method, params }, { token: await this.token(user) });
    return (await response.json()) as Answer;
  }

  /** The result of a tool of the workspace. */
  async call(user: string, tool: string, args: object = {}): Promise<NonNullable<Answer['result']>> {
    const { result, error } = await this.ask(user, 'tools/call', { name: `workspace_${tool}`, arguments: args });
    return result ?? { isError: true, content: [{ type: 'text', text: `${error?.code}: ${error?.message}` }] };
  }

  /** What a tool that must not fail brings. */
  async made(user: string, tool: string, args: object = {}): Promise<Record<string, unknown>> {
    const result = await this.call(user, tool, args);
    if (result.isError) throw new Error(`${tool}: ${textOf(result)}`);
    return result.structuredContent ?? {};
  }

  /** What a tool that must fail says. */
  async refusal(user: string, tool: string, args: object = {}): Promise<string> {
    const result = await this.call(user, tool, args);
    if (!result.isError) throw new Error(`${tool} did it: ${JSON.stringify(result).slice(0, 300)}`);
    return textOf(result);
  }

  async complete(user: string, ref: object, name: string, value: string): Promise<readonly string[]> {
    const { result, error } = await this.ask(user, 'completion/complete', { ref, argument: { name, value } });
    if (error) throw new Error(error.message);
    const completion = result?.['completion'] as { readonly values: readonly string[] } | undefined;
    return completion?.values ?? [];
  }

  stop(): Promise<void> {
    return this.gateway.stop();
  }
}

export const textOf = ({ content }: NonNullable<Answer['result']>): string => (content ?? []).map(({ text }) => String(text)).join('\n');
