import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '@gatehouse-mcp/oauth';

/** Seconds that a delivery may be old, or ahead of our clock. */
const WINDOW_S = 300;

export interface SignedDelivery {
  /** The bytes as they came. */
  readonly body: string;
  /** Seconds since the epoch. */
  readonly timestamp: string;
  /** Hexadecimal HMAC-SHA-256 of `TIMESTAMP.BODY`, with or without `sha256=` before it. */
  readonly signature: string;
}

/** Whether somebody who has the secret signed this delivery, within the last five minutes. */
export function isSignedBy(secret: Secret, { body, timestamp, signature }: SignedDelivery, now: number = Date.now() / 1_000): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > WINDOW_S) return false;
  const given = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(signature)?.[1];
  if (given === undefined) return false;
  const expected = createHmac('sha256', secret.reveal()).update(`${timestamp}.${body}`).digest();
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}
