import type { Item, Order, Owner, Status } from './order.js';

export interface Row {
  readonly owner: Owner;
  readonly order: Order;
}

const chair: Item = { sku: 'chair-oak', quantity: 4, unitPrice: 12_900 };
const table: Item = { sku: 'table-oak', quantity: 1, unitPrice: 64_000 };
const lamp: Item = { sku: 'lamp-brass', quantity: 2, unitPrice: 8_450 };
const rug: Item = { sku: 'rug-wool', quantity: 1, unitPrice: 21_500 };

/** Tenant, subject, number, state, customer, items. */
type Line = readonly [string, string, number, Status, string, readonly Item[]];

const lines: readonly Line[] = [
  ['acme', 'alice', 1001, 'paid', 'Café Lumière', [chair, table]],
  ['acme', 'alice', 1002, 'open', 'Hotel Zum Löwen', [lamp]],
  ['acme', 'alice', 1003, 'shipped', 'Bright Dental', [chair]],
  ['acme', 'alice', 1004, 'open', 'Studio Nord', [rug, lamp]],
  ['acme', 'alice', 1005, 'cancelled', 'Hotel Zum Löwen', [table]],
  ['acme', 'alice', 1006, 'paid', 'Riverside School', [chair, lamp]],
  ['acme', 'alice', 1007, 'open', 'Studio Nord', [chair]],
  ['acme', 'carol', 1101, 'open', 'Bakery Sol', [table]],
  ['acme', 'carol', 1102, 'paid', 'Bakery Sol', [chair]],
  ['acme', 'ci', 1201, 'open', 'Nightly check', [lamp]],
  ['globex', 'bob', 2001, 'open', 'Harbour Offices', [table, chair]],
  ['globex', 'bob', 2002, 'shipped', 'Harbour Offices', [rug]],
];

export function seedRows(): Row[] {
  return lines.map(([tenant, subject, number, status, customer, items]) => ({
    owner: { tenant, subject },
    order: {
      id: `${tenant}-${number}`,
      status,
      customer,
      currency: 'EUR',
      items,
      createdAt: new Date(Date.UTC(2026, 9, 1, 9, number % 100)).toISOString(),
    },
  }));
}
