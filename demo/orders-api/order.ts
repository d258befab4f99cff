export const statuses = ['open', 'paid', 'shipped', 'cancelled'] as const;
export type Status = (typeof statuses)[number];

/** Amounts are in cents. */
export interface Item {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: number;
}

export interface Order {
  readonly id: string;
  readonly status: Status;
  readonly customer: string;
  readonly currency: string;
  readonly items: readonly Item[];
  readonly note?: string;
  readonly createdAt: string;
}

/** Whose row it is: both come from the verified token. */
export interface Owner {
  readonly tenant: string;
  readonly subject: string;
}

export function totalOf(order: Order): number {
  return order.items.reduce((sum, item) => sum + item.quantity * item.unitPrice, 0);
}
