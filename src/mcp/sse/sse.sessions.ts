import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { EventStream } from '../streams/event.stream.js';

const NO_SESSION = { code: 'not_found', status: 404 };

/** A session without messages for as long is ended, in milliseconds. */
const LONGEST_IDLE = 60 * 60_000;

interface SseSession {
  readonly owner: string;
  readonly stream: EventStream;
  idle: NodeJS.Timeout;
}

/**
 * The sessions of HTTP+SSE (2024-11-05) on this replica: a stream, and a secret id by which messages find it. The id is no credential:
 * each message brings its own, and is its session's only when it is of the same user of the same issuer in the same tenant.
 */
@Injectable()
export class SseSessions {
  readonly #sessions = new Map<string, SseSession>();

  /** @returns its id; it ends with its stream */
  open(call: CallContext, stream: EventStream): string {
    const id = randomBytes(32).toString('base64url');
    const session: SseSession = { owner: ownerOf(call), stream, idle: endWhenIdle(stream) };
    this.#sessions.set(id, session);
    stream.onClose(() => {
      clearTimeout(session.idle);
      this.#sessions.delete(id);
    });
    return id;
  }

  /**
   * The stream that answers go to.
   * @throws GatewayError 404 for what is no session here, and for one of somebody else
   */
  find(call: CallContext, id: unknown): EventStream {
    const session = typeof id === 'string' ? this.#sessions.get(id) : undefined;
    if (session?.owner !== ownerOf(call)) throw new GatewayError(NO_SESSION, 'there is no such session on this replica; open a new one');
    clearTimeout(session.idle);
    session.idle = endWhenIdle(session.stream);
    return session.stream;
  }
}

const ownerOf = ({ caller, tenant }: CallContext): string => JSON.stringify([tenant.id, caller.issuer, caller.subject]);
const endWhenIdle = (stream: EventStream): NodeJS.Timeout => setTimeout(() => stream.end(), LONGEST_IDLE).unref();
