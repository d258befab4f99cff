import {
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type MessageClassification,
  type MessageExtraInfo,
  PerRequestHTTPServerTransport,
  type Transport,
} from '@modelcontextprotocol/server';

/** A response and the HTTP status that it travels with. */
export interface Delivered {
  readonly status: number;
  readonly response: JSONRPCResponse;
}

/** HTTP status of an error that the protocol layer answers before a handler runs (2026-07-28, Streamable HTTP). */
const REFUSED_STATUS: Readonly<Record<number, number>> = { [-32700]: 400, [-32600]: 400, [-32601]: 404, [-32022]: 400, [-32021]: 400, [-32020]: 400 };

/** In-process transport of one legacy exchange: takes the parsed message, resolves with the response message. Status 200 always. */
export class LegacyTransport implements Transport {
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #response = Promise.withResolvers<Delivered>();

  async start(): Promise<void> {}

  /** Delivers a request and resolves with what the server answers. */
  exchange(message: JSONRPCRequest): Promise<Delivered> {
    this.onmessage?.(message);
    return this.#response.promise;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (isResponse(message)) this.#response.resolve({ status: 200, response: message });
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}

/**
 * The same for a modern exchange. It is a PerRequestHTTPServerTransport because that is how a Server learns the revision of
 * its one request; the conversion to web Request and Response, a third of the SDK handler's time, is left out.
 */
export class ModernTransport extends PerRequestHTTPServerTransport {
  readonly #response = Promise.withResolvers<Delivered>();
  readonly #extra: MessageExtraInfo;
  /** The protocol layer refuses while the message is delivered; handlers answer in a later microtask. */
  #isDelivering = false;

  constructor(classification: MessageClassification) {
    super({ classification });
    this.#extra = { classification };
  }

  exchange(message: JSONRPCRequest): Promise<Delivered> {
    this.#isDelivering = true;
    this.onmessage?.(message, this.#extra);
    this.#isDelivering = false;
    return this.#response.promise;
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    if (!isResponse(message)) return;
    const refused = this.#isDelivering && isError(message) ? REFUSED_STATUS[message.error.code] : undefined;
    this.#response.resolve({ status: refused ?? 200, response: message });
  }
}

function isResponse(message: JSONRPCMessage): message is JSONRPCResponse {
  return 'result' in message || 'error' in message;
}

function isError(message: JSONRPCResponse): message is JSONRPCErrorResponse {
  return 'error' in message;
}
