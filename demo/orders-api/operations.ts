import { type Order, statuses, totalOf } from './order.js';
import { decodeCursor, encodeCursor, parseAttachment, parseItem, parseLimit, parseNewOrder, parseOrderChange, parseStatuses } from './order.input.js';
import type { OrderStore } from './order.store.js';
import { Problem } from './problem.js';
import type { Principal } from './token.verifier.js';

export interface OperationCall {
  readonly principal: Principal;
  /** Values of the path's parameters, in its order. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly store: OrderStore;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as they are, under this media type, in place of JSON. */
  readonly file?: { readonly mediaType: string; readonly bytes: Buffer };
}

/** What each operation of openapi.json does, by its operationId. */
export const operations: Readonly<Record<string, (call: OperationCall) => Answer>> = {
  whoAmI: ({ principal: { claims } }) => ({
    status: 200,
    body: { sub: claims.sub, tenant: claims['tenant'], aud: claims.aud, scope: claims['scope'] ?? '', act: claims['act'], clientId: claims['client_id'] },
  }),

  listOrders: ({ principal, query, store }) => {
    const limit = parseLimit(query.get('limit'));
    const wanted = parseStatuses(query.getAll('status'));
    const orders = store.listOf(principal).filter((order) => wanted.length === 0 || wanted.includes(order.status));
    const start = findStart(orders, query.get('cursor'));
    const page = orders.slice(start, start + limit);
    const last = page.at(-1);
    const isLastPage = last === undefined || start + limit >= orders.length;
    return { status: 200, body: { orders: page.map(describe), ...(isLastPage ? {} : { nextCursor: encodeCursor(last.id) }) } };
  },

  createOrder: ({ principal, body, store }) => {
    const order = store.add(principal, { ...parseNewOrder(body), status: 'open', currency: 'EUR' });
    return { status: 201, body: describe(order) };
  },

  getOrder: (call) => ({ status: 200, body: describe(findOrder(call)) }),

  updateOrder: (call) => {
    const order = findOrder(call);
    const change = parseOrderChange(call.body);
    if (order.status === 'cancelled') throw new Problem(409, 'The order was cancelled.');
    return { status: 200, body: describe(call.store.replace(call.principal, { ...order, ...change })) };
  },

  deleteOrder: (call) => {
    call.store.remove(call.principal, findOrder(call).id);
    return { status: 204 };
  },

  cancelOrder: (call) => {
    const order = findOrder(call);
    if (order.status === 'shipped') throw new Problem(409, 'The order was shipped already.');
    return { status: 200, body: describe(call.store.replace(call.principal, { ...order, status: 'cancelled' })) };
  },

  listItems: (call) => ({ status: 200, body: { items: findOrder(call).items } }),

  addItem: (call) => {
    const order = findOrder(call);
    const item = parseItem(call.body);
    if (order.status !== 'open') throw new Problem(409, 'Only an open order takes more items.');
    return { status: 201, body: describe(call.store.replace(call.principal, { ...order, items: [...order.items, item] })) };
  },

  attachFile: (call) => {
    const order = findOrder(call);
    const { file, note } = parseAttachment(call.body);
    const { bytes, ...kept } = call.store.attach(order, { ...file, note });
    return { status: 201, body: { ...kept, size: bytes.length } };
  },

  downloadAttachment: (call) => {
    const attachment = call.store.findAttachment(findOrder(call), call.path[1] ?? '');
    if (!attachment) throw new Problem(404, 'The order has no such attachment.');
    return { status: 200, file: attachment };
  },

  getInvoice: (call) => {
    const order = findOrder(call);
    throw new Problem(409, `Order ${order.id} has no invoice: the accounting of this demo is closed.`);
  },

  getStatistics: ({ principal, store }) => {
    const orders = store.listOf(principal);
    const byStatus = Object.fromEntries(statuses.map((status) => [status, orders.filter((order) => order.status === status).length]));
    return { status: 200, body: { count: orders.length, total: orders.reduce((sum, order) => sum + totalOf(order), 0), byStatus } };
  },
};

function findOrder(call: OperationCall): Order {
  const order = call.store.find(call.principal, call.path[0] ?? '');
  if (!order) throw new Problem(404, 'You have no such order.');
  return order;
}

function findStart(orders: readonly Order[], cursor: string | null): number {
  if (cursor === null) return 0;
  const index = orders.findIndex((order) => order.id === decodeCursor(cursor));
  if (index === -1) throw new Problem(422, 'cursor is not one that this list gave you.');
  return index + 1;
}

function describe(order: Order): Record<string, unknown> {
  return { ...order, total: totalOf(order) };
}
