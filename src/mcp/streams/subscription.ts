import { isSpecType, ProtocolError, ProtocolErrorCode, SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY, type JSONRPCRequest, type RequestId } from '@modelcontextprotocol/server';
import { IDENTITY } from '../call-tool-result.js';

/** What one listener is told, in its era's words. */
export interface Subscription {
  readonly wantsTools: boolean;
  /** Said first of all; undefined where the era has no such message. */
  readonly acknowledgement: string | undefined;
  readonly toolsChanged: string;
  /** Said last, when the stream ends because we end it. */
  readonly ending: string | undefined;
}

/** A legacy GET stream: everything that changes, and nothing of it before it does. */
export const LEGACY_SUBSCRIPTION: Subscription = {
  wantsTools: true,
  acknowledgement: undefined,
  toolsChanged: write('notifications/tools/list_changed'),
  ending: undefined,
};

/**
 * What a `subscriptions/listen` request asks for (2026-07-28). Of what it wants, the acknowledgement names what can be had.
 * @throws ProtocolError -32602 when `notifications` is no filter
 */
export function readSubscription({ id, params }: JSONRPCRequest): Subscription {
  const filter: unknown = params?.['notifications'];
  if (!isSpecType.SubscriptionFilter(filter)) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'subscriptions/listen needs notifications: an object with toolsListChanged, promptsListChanged, resourcesListChanged or resourceSubscriptions');
  }
  const wantsTools = filter.toolsListChanged === true;
  return {
    wantsTools,
    acknowledgement: write('notifications/subscriptions/acknowledged', { notifications: wantsTools ? { toolsListChanged: true } : {} }, id),
    toolsChanged: write('notifications/tools/list_changed', {}, id),
    ending: JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID_META_KEY]: id, [SERVER_INFO_META_KEY]: IDENTITY } } }),
  };
}

function write(method: string, params?: Readonly<Record<string, unknown>>, subscriptionId?: RequestId): string {
  const meta = subscriptionId === undefined ? {} : { _meta: { [SUBSCRIPTION_ID_META_KEY]: subscriptionId } };
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params: { ...params, ...meta } }) });
}
