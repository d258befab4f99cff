import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import { withExactArguments } from '../exact-arguments.js';
import { PARSE_ERROR, INVALID_REQUEST, joinText, writeResponse, type RawMember } from '../json-rpc.js';
import { readLines } from './text-lines.js';

/** Longest line that is read, in characters; a file argument of 10 MiB fits as base64. */
const LONGEST_LINE = 32 * 1024 * 1024;

/**
 * JSON-RPC, one message on each line (MCP stdio transport). Differs from the SDK's own in what is lost there: integers beyond
 * 2^53 arrive with their digits, and raw JSON of an API leaves as it came.
 */
export class LineTransport implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #raw = new Map<string | number, RawMember>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  /** Once every message of the input has been delivered, and no more can come. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async start(): Promise<void> {
    void this.#readAll();
  }

  /** Puts JSON text into the result of the answer with this id, in the place of what stands for it. */
  attach(id: string | number, raw: RawMember): void {
    this.#raw.set(id, raw);
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const id = 'id' in message && !('method' in message) ? message.id : undefined;
    const raw = id === undefined ? undefined : this.#raw.get(id);
    if (id !== undefined) this.#raw.delete(id);
    this.#write('result' in message ? joinText(writeResponse(message, raw)) : JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.#input.destroy();
  }

  async #readAll(): Promise<void> {
    try {
      for await (const line of readLines(this.#input, LONGEST_LINE)) this.#receive(line);
    } catch (error) {
      // An input that was closed before its end is no error of anybody here.
      if (!this.#input.destroyed) this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#ended.resolve();
      this.onclose?.();
    }
  }

  #receive(line: string): void {
    if (line.trim() === '') return;
    if (line.length > LONGEST_LINE) return this.#refuse(INVALID_REQUEST, `the message is longer than ${LONGEST_LINE} characters`);
    let message: unknown;
    try {
      message = withExactArguments(JSON.parse(line), line);
    } catch {
      return this.#refuse(PARSE_ERROR, 'the line is no JSON');
    }
    if (!isMessage(message)) return this.#refuse(INVALID_REQUEST, 'the line is no JSON-RPC 2.0 message');
    this.onmessage?.(message);
  }

  #refuse(code: number, message: string): void {
    this.#write(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }));
  }

  #write(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

/** The shape that JSON-RPC asks for; what a message means is the SDK's to judge. */
function isMessage(value: unknown): value is JSONRPCMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('jsonrpc' in value) || value.jsonrpc !== '2.0') return false;
  const hasId = 'id' in value && (typeof value.id === 'string' || typeof value.id === 'number');
  if ('method' in value) return typeof value.method === 'string' && (hasId || !('id' in value)) && (!('params' in value) || isRecord(value.params));
  return hasId && ('result' in value || 'error' in value);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
