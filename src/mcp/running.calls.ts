import type { CallContext } from '../context/call-context.js';

/**
 * The legacy calls under way on this replica, for the notification that cancels one. There is no session, so a call is known by its caller,
 * the toolset that it was sent to, the client and session id that sent it, and its JSON-RPC id; where two have all of these, neither is cancelled.
 */
export class RunningCalls {
  readonly #calls = new Map<string, Set<AbortController>>();

  /** @param id of the request @returns how to say that it has ended */
  add({ caller, tenant, toolset }: CallContext, sessionId: unknown, id: unknown, controller: AbortController): () => void {
    const key = keyOf({ caller, tenant, toolset }, sessionId, id);
    const calls = this.#calls.get(key) ?? new Set();
    this.#calls.set(key, calls.add(controller));
    return () => {
      calls.delete(controller);
      if (calls.size === 0 && this.#calls.get(key) === calls) this.#calls.delete(key);
    };
  }

  cancel(call: CallContext, sessionId: unknown, id: unknown): void {
    const [controller, other] = this.#calls.get(keyOf(call, sessionId, id)) ?? [];
    if (controller && !other) controller.abort(new Error('the client cancelled the request'));
  }
}

const keyOf = ({ caller, tenant, toolset }: Pick<CallContext, 'caller' | 'tenant' | 'toolset'>, sessionId: unknown, id: unknown): string =>
  JSON.stringify([tenant.id, toolset ?? null, caller.issuer, caller.subject, caller.clientId, sessionId, id]);
