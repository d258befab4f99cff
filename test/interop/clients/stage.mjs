/** What a client's program knows of the run, and how it asks about the API behind the gateway. */
import { randomUUID } from 'node:crypto';

/** @type {import('../gateway.mjs').Stage & { folder: string, browser: string }} */
export const stage = JSON.parse(process.env.INTEROP_STAGE ?? '{}');

/** How long a change or a cancelled call may take to be seen. */
export const SEEN_MS = 5_000;

/** @param {string} check @param {'ok' | 'not offered' | 'failed'} status @param {string} [detail] */
export function report(check, status, detail) {
  process.stdout.write(`${JSON.stringify({ check, status, ...(detail ? { detail } : {}) })}\n`);
}

export function newKey() {
  return `key-${randomUUID()}`;
}

/** @param {string} id @returns {Promise<import('../upstream.mjs').Arrival | null>} */
export async function arrivalOf(id) {
  const response = await fetch(`${stage.controlUrl}/arrival?id=${encodeURIComponent(id)}`);
  return response.json();
}

/** `gatehouse apply` with a document that has one operation more. @returns {Promise<string>} the tool that it became */
export async function changeDocument() {
  const response = await fetch(`${stage.controlUrl}/change`, { method: 'POST' });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.added;
}

/** @template T @param {() => T | Promise<T>} ask @param {number} ms @returns {Promise<T | undefined>} the first truthy answer; undefined when there was none in time */
export async function waitFor(ask, ms) {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One line of an error: what a person who uses this client would see. @param {unknown} error */
export function describe(error) {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.constructor.name}: ${error.message}${cause}`.replaceAll(/\s+/g, ' ').slice(0, 400);
}
