import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CallGate } from '../../calls/call.gate.js';
import { Catalogs } from '../../catalog/catalogs.js';
import { LiveConfiguration } from '../../config/live-configuration.js';
import type { CallContext } from '../../context/call-context.js';
import '../../context/request.js';
import { GatewayError } from '../../errors/gateway.error.js';
import type { ToolView } from '../../policy/tool-view.js';
import { ToolViews } from '../../policy/tool-views.js';
import { sessionOf } from '../session.js';
import { EventStream } from './event.stream.js';
import type { Subscription } from './subscription.js';

const TOO_MANY = { code: 'too_many_streams', status: 429 };
const RETRY_AFTER_S = 60;

/** Each stream is looked after once in as many seconds, and in each second its share of them. */
const BEAT_S = 15;
/** Streams of one tenant that are looked at side by side: its provider may have to be asked about each. */
const AT_ONCE = 8;

/** A stream that stays open to say what changes. */
interface Listener {
  readonly request: FastifyRequest;
  /** As the messages of the same client have it. */
  readonly session: unknown;
  readonly stream: EventStream;
  readonly subscription: Subscription;
  /** What its caller was last told of, or saw when it began. */
  view: ToolView | undefined;
  /** It may have missed a change: nobody could tell by then whether it may listen, or what it sees. */
  isBehind: boolean;
  isLookedAfter: boolean;
}

/**
 * The standing streams of this replica: `subscriptions/listen`, and the GET stream of legacy clients. Whoever may listen is asked again
 * before each word and at each beat, so that a stream does not outlive its credential.
 */
@Injectable()
export class Listeners implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown {
  readonly #logger = new Logger(Listeners.name);
  readonly #open = new Set<Listener>();
  readonly #byCaller = new Map<string, number>();
  readonly #beats: Set<Listener>[] = Array.from({ length: BEAT_S }, () => new Set());
  #second = 0;
  #placed = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Tenants whose listeners are being told, and whether there is a newer revision to tell of. */
  readonly #telling = new Map<string, { isOutdated: boolean }>();
  #isEnding = false;

  constructor(
    private readonly live: LiveConfiguration,
    private readonly catalogs: Catalogs,
    private readonly views: ToolViews,
    private readonly gate: CallGate,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.live.follow(async () => () => this.#tellAll());
    this.#timer = setInterval(() => this.#beat(), 1_000).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Before the HTTP server closes, which waits for every response. */
  beforeApplicationShutdown(): void {
    this.#isEnding = true;
    for (const { stream, subscription } of this.#open) stream.end(subscription.ending);
  }

  /**
   * @param greet says something before all else, and returns the session that it begins
   * @throws GatewayError 429 when the caller, or this replica, has too many of them; it is on record by then
   */
  async listen(call: CallContext, request: FastifyRequest, reply: FastifyReply, subscription: Subscription, greet?: (stream: EventStream) => unknown): Promise<void> {
    const { perCaller, perReplica } = this.live.current.settings.limits.streams;
    const name = JSON.stringify([call.tenant.id, call.caller.issuer, call.caller.subject]);
    const count = this.#byCaller.get(name) ?? 0;
    if (count >= perCaller || this.#open.size >= perReplica) {
      const fault = count >= perCaller ? `you have ${count} open streams, and may have no more` : 'this replica has as many open streams as it may have';
      await this.gate.refuse(call, { tool: '' }, new GatewayError(TOO_MANY, fault, { headers: { 'retry-after': String(RETRY_AFTER_S) } }));
    }
    const stream = EventStream.open(reply);
    const session = greet ? greet(stream) : sessionOf(request);
    if (subscription.acknowledgement !== undefined) stream.send(subscription.acknowledgement);
    if (this.#isEnding || (!subscription.wantsTools && subscription.resources?.size === 0)) return stream.end(subscription.ending);
    // It was read, and may be large; the stream is here for long.
    request.body = undefined;
    const listener: Listener = { request, session, stream, subscription, view: undefined, isBehind: false, isLookedAfter: false };
    this.#placed = (this.#placed + 1) % BEAT_S;
    const beat = this.#beats[this.#placed];
    this.#byCaller.set(name, count + 1);
    this.#open.add(listener);
    beat?.add(listener);
    stream.onClose(() => {
      this.#open.delete(listener);
      beat?.delete(listener);
      const left = (this.#byCaller.get(name) ?? 1) - 1;
      if (left === 0) this.#byCaller.delete(name);
      else this.#byCaller.set(name, left);
    });
    await this.#begin(listener, call);
  }

  /** @param messageFor what a listener is to be told; undefined for nothing */
  announce(messageFor: (call: CallContext, session: unknown, subscription: Subscription) => string | undefined): void {
    for (const listener of this.#open) {
      const { request, session, subscription } = listener;
      if (request.call && messageFor(request.call, session, subscription) !== undefined) void this.#announceTo(listener, messageFor);
    }
  }

  async #announceTo(listener: Listener, messageFor: Parameters<Listeners['announce']>[0]): Promise<void> {
    const call = await this.#admits(listener);
    const message = call && messageFor(call, listener.session, listener.subscription);
    if (message !== undefined) listener.stream.send(message);
  }

  /** What it sees may be of the revision before, which is shown until the newest has loaded. */
  async #begin(listener: Listener, call: CallContext): Promise<void> {
    try {
      const view = await this.views.viewOf(call);
      listener.view ??= view;
    } catch (error) {
      this.#logger.warn({ msg: 'what a listener sees cannot be loaded', tenant: call.tenant.name, err: error });
    }
    await this.#tell(listener);
  }

  #beat(): void {
    this.#second = (this.#second + 1) % BEAT_S;
    for (const listeners of byTenant(this.#beats[this.#second] ?? []).values()) void forEach(listeners, (listener) => this.#lookAfter(listener));
  }

  async #lookAfter(listener: Listener): Promise<void> {
    if (listener.isLookedAfter) return;
    listener.isLookedAfter = true;
    if (await this.#admits(listener)) listener.stream.beat();
    if (listener.isBehind) await this.#tell(listener);
    listener.isLookedAfter = false;
  }

  /** Tenants side by side: the slow catalog or provider of one keeps no other waiting. */
  #tellAll(): void {
    for (const tenant of byTenant(this.#open).keys()) void this.#tellTenant(tenant);
  }

  async #tellTenant(tenant: string): Promise<void> {
    const known = this.#telling.get(tenant);
    if (known) return void (known.isOutdated = true);
    const telling = { isOutdated: true };
    this.#telling.set(tenant, telling);
    while (telling.isOutdated) {
      telling.isOutdated = false;
      await forEach(byTenant(this.#open).get(tenant) ?? [], (listener) => this.#tell(listener));
    }
    this.#telling.delete(tenant);
  }

  /** Says that the tools have changed if they have. The newest catalog of a tenant is loaded for the first of its listeners, and is there for the rest. */
  async #tell(listener: Listener): Promise<void> {
    const { stream, subscription, isBehind: wasBehind } = listener;
    listener.isBehind = true;
    const call = await this.#admits(listener);
    if (!call) return;
    try {
      await this.catalogs.newestOf(call.tenant);
      const view = await this.views.viewOf(call);
      if (subscription.wantsTools && !listener.view?.hasSameEntriesAs(view)) stream.send(subscription.toolsChanged);
      listener.view = view;
      listener.isBehind = false;
    } catch (error) {
      if (!wasBehind) this.#logger.warn({ msg: 'the new catalog cannot be loaded, a listener is told of it later', tenant: call.tenant.name, err: error });
    }
  }

  /** The listener's call as its credential has it now; undefined when it is refused, and the stream ended, or has closed. */
  async #admits({ request, stream, subscription }: Listener): Promise<CallContext | undefined> {
    if (!stream.isOpen) return undefined;
    try {
      await request.admitAgain?.();
      return request.call;
    } catch (error) {
      // What cannot be asked now, such as an introspection endpoint that is down, is asked at the next beat.
      if (error instanceof GatewayError && error.status < 500) stream.end(subscription.ending);
      return undefined;
    }
  }
}

const byTenant = (listeners: Iterable<Listener>): ReadonlyMap<string, readonly Listener[]> => Map.groupBy(listeners, ({ request }) => request.call?.tenant.id ?? '');

async function forEach(listeners: readonly Listener[], work: (listener: Listener) => Promise<void>): Promise<void> {
  const left = listeners.values();
  const takeTurns = async (): Promise<void> => {
    for (const listener of left) await work(listener);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, listeners.length) }, takeTurns));
}
