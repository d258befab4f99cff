/** A file that somebody attached to an order. */
export interface Attachment {
  readonly id: string;
  readonly orderId: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly note: string | undefined;
  readonly bytes: Buffer;
}
