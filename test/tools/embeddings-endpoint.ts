import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a vector counts, one number for each. */
const SUBJECTS = [/cat|kitten|purr/g, /dog|puppy|bark/g, /bank|loan|interest/g] as const;

export interface EmbeddingsRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly model: string; readonly input: readonly string[]; readonly dimensions?: number };
}

/** An endpoint in the manner of OpenAI's, whose vectors say how often a text names cats, dogs and banks. */
export class EmbeddingsEndpoint {
  readonly requests: EmbeddingsRequest[] = [];
  /** What it answers in place of vectors. */
  misbehave: ((response: ServerResponse, request: EmbeddingsRequest) => void) | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<EmbeddingsEndpoint> {
    const server = createServer();
    const endpoint = new EmbeddingsEndpoint(server);
    server.on('request', async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const request = { headers: incoming.headers, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as EmbeddingsRequest['body'] };
      endpoint.requests.push(request);
      if (endpoint.misbehave) endpoint.misbehave(response, request);
      // Out of order, as the index is what counts.
      else endpoint.answer(response, { data: request.body.input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).toReversed() });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return endpoint;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/v1/embeddings`;
  }

  answer(response: ServerResponse, body: unknown, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The last number keeps a text without any of them from having no direction. */
const vectorOf = (text: string): readonly number[] => [...SUBJECTS.map((subject) => (text.toLowerCase().match(subject) ?? []).length), 0.1];
