import { isSpecType, ProtocolError, ProtocolErrorCode, SERVER_INFO_META_KEY, SUBSCRIPTION_ID_META_KEY, type JSONRPCRequest, type RequestId } from '@modelcontextprotocol/server';
import { IDENTITY } from '../call-tool-result.js';
import { MOST_RESOURCES } from './legacy.subscriptions.js';

/** What one listener is told, in its era's words. */
export interface Subscription {
  readonly wantsTools: boolean;
  /** URIs; undefined where they come and go by messages of their own (legacy). */
  readonly resources: ReadonlySet<string> | undefined;
  /** Said first of all; undefined where the era has no such message. */
  readonly acknowledgement: string | undefined;
  readonly toolsChanged: string;
  resourceUpdated(uri: string): string;
  /** Said last, when the stream ends because we end it. */
  readonly ending: string | undefined;
}

const RESOURCE_UPDATED = 'notifications/resources/updated';

/** A legacy GET stream: everything that changes, and nothing of it before it does. */
export const LEGACY_SUBSCRIPTION: Subscription = {
  wantsTools: true,
  resources: undefined,
  acknowledgement: undefined,
  toolsChanged: write('notifications/tools/list_changed'),
  resourceUpdated: (uri) => write(RESOURCE_UPDATED, { uri }),
  ending: undefined,
};

/**
 * What a `subscriptions/listen` request asks for (2026-07-28). Of what it wants, the acknowledgement names what can be had.
 * @param isResource whether the caller may read something at the URI
 * @throws ProtocolError -32602 when `notifications` is no filter
 */
export function readSubscription({ id, params }: JSONRPCRequest, isResource: (uri: string) => boolean): Subscription {
  const filter: unknown = params?.['notifications'];
  if (!isSpecType.SubscriptionFilter(filter)) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'subscriptions/listen needs notifications: an object with toolsListChanged, promptsListChanged, resourcesListChanged or resourceSubscriptions');
  }
  const wantsTools = filter.toolsListChanged === true;
  const resources = new Set(filter.resourceSubscriptions?.slice(0, MOST_RESOURCES).filter(isResource));
  const notifications = { ...(wantsTools ? { toolsListChanged: true } : {}), ...(resources.size > 0 ? { resourceSubscriptions: [...resources] } : {}) };
  return {
    wantsTools,
    resources,
    acknowledgement: write('notifications/subscriptions/acknowledged', { notifications }, id),
    resourceUpdated: (uri) => write(RESOURCE_UPDATED, { uri }, id),
    toolsChanged: write('notifications/tools/list_changed', {}, id),
    ending: JSON.stringify({ jsonrpc: '2.0', id, result: { resultType: 'complete', _meta: { [SUBSCRIPTION_ID_META_KEY]: id, [SERVER_INFO_META_KEY]: IDENTITY } } }),
  };
}

function write(method: string, params?: Readonly<Record<string, unknown>>, subscriptionId?: RequestId): string {
  const meta = subscriptionId === undefined ? {} : { _meta: { [SUBSCRIPTION_ID_META_KEY]: subscriptionId } };
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params: { ...params, ...meta } }) });
}
