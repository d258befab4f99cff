import { randomBytes } from 'node:crypto';
import type { Attachment } from './attachment.js';
import type { Order, Owner } from './order.js';
import { type Row, seedRows } from './seed.js';

const maxRows = 10_000;
const maxAttachments = 100;

/** The rows in memory. Every method takes the owner first: there is no way to a row of somebody else. */
export class OrderStore {
  private rows: Row[] = seedRows();
  private attachments: Attachment[] = [];

  listOf(owner: Owner): Order[] {
    return this.rows.filter((row) => isOwnedBy(row, owner)).map((row) => row.order).toReversed();
  }

  find(owner: Owner, id: string): Order | undefined {
    return this.rows.find((row) => row.order.id === id && isOwnedBy(row, owner))?.order;
  }

  add(owner: Owner, order: Omit<Order, 'id' | 'createdAt'>): Order {
    const added = { ...order, id: `${owner.tenant}-${randomBytes(6).toString('hex')}`, createdAt: new Date().toISOString() };
    this.rows = [...this.rows.slice(-maxRows + 1), { owner, order: added }];
    return added;
  }

  replace(owner: Owner, order: Order): Order {
    this.rows = this.rows.map((row) => (row.order.id === order.id && isOwnedBy(row, owner) ? { owner, order } : row));
    return order;
  }

  remove(owner: Owner, id: string): void {
    this.rows = this.rows.filter((row) => !(row.order.id === id && isOwnedBy(row, owner)));
  }

  /** For an order that its owner has found. */
  attach(order: Order, file: Omit<Attachment, 'id' | 'orderId'>): Attachment {
    const attachment = { ...file, id: randomBytes(6).toString('hex'), orderId: order.id };
    this.attachments = [...this.attachments.slice(-maxAttachments + 1), attachment];
    return attachment;
  }

  findAttachment(order: Order, id: string): Attachment | undefined {
    return this.attachments.find((attachment) => attachment.orderId === order.id && attachment.id === id);
  }
}

function isOwnedBy(row: Row, owner: Owner): boolean {
  return row.owner.tenant === owner.tenant && row.owner.subject === owner.subject;
}
