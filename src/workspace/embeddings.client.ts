import { createEgressAgent, type EgressAgent } from '@gatehouse-mcp/egress';
import type { Secret } from '@gatehouse-mcp/oauth';
import type { OnApplicationShutdown } from '@nestjs/common';
import { readEmbeddingsKey } from '../config/embeddings-key.js';
import type { LiveConfiguration } from '../config/live-configuration.js';
import type { SecretReader } from '../config/secret-reference.js';
import type { EmbeddingsSettings } from '../config/workspace.schema.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { exchange } from '../upstream/wire.js';
import { readVectors, UnusableAnswer } from './embeddings.answer.js';

const UNUSABLE = { code: 'embeddings_unusable', status: 502 };
const NAME = 'workspace.embeddings';

/** The endpoint that makes vectors of texts. It sees the texts of whoever calls, and the gateway's key. */
export class EmbeddingsClient implements OnApplicationShutdown {
  readonly #agent: EgressAgent;
  readonly #key: Secret | undefined;

  /** @throws ConfigurationError when its key cannot be read */
  constructor(
    live: LiveConfiguration,
    secrets: SecretReader,
    private readonly settings: EmbeddingsSettings,
  ) {
    this.#agent = createEgressAgent(() => live.current.egress);
    this.#key = readEmbeddingsKey(settings, secrets);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#agent.destroy();
  }

  /** Longest text of a document. */
  get characters(): number {
    return this.settings.characters;
  }

  /** What vectors of these settings can be compared with. */
  get model(): string {
    const { model, dimensions } = this.settings;
    return dimensions === undefined ? model : `${model}@${dimensions}`;
  }

  /**
   * @returns vectors of length 1, in the order of the texts
   * @throws GatewayError that says what is wrong with the endpoint, and nothing of what it said or was told
   */
  async embed({ tenant, signal }: CallContext, texts: readonly string[]): Promise<readonly (readonly number[])[]> {
    const { url, model, dimensions, timeout } = this.settings;
    const key = this.#key;
    const request = {
      method: 'POST',
      url: new URL(url),
      headers: [['content-type', 'application/json'], ['accept', 'application/json'], ...(key ? [['authorization', `Bearer ${key.reveal()}`] as const] : [])] as const,
      body: JSON.stringify({ model, input: texts, encoding_format: 'float', ...(dimensions === undefined ? {} : { dimensions }) }),
    };
    const { status, body } = await exchange(this.#agent.forTenant(tenant.name), request, { api: NAME, timeout, signal });
    if (status !== 200) throw new GatewayError(UNUSABLE, `${NAME}: the endpoint answered ${status}`);
    try {
      return readVectors(body, texts.length, dimensions);
    } catch (error) {
      if (error instanceof UnusableAnswer) throw new GatewayError(UNUSABLE, `${NAME}: the endpoint ${error.message}`);
      throw error;
    }
  }
}
