/** One HTTP request to the MCP endpoint that a bridge stands before. */
export interface EndpointRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether somebody waits for the answer, who may be asked to sign in. */
  readonly isAwaited: boolean;
  readonly signal: AbortSignal;
}

export interface EndpointAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reaches the endpoint, with whatever proves who calls. Its errors are for the host to read. */
export type Exchange = (request: EndpointRequest) => Promise<EndpointAnswer>;

/** @throws Error for a body of more bytes than `limit` */
export async function readText({ body }: EndpointAnswer, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Error(`the server answered with more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
