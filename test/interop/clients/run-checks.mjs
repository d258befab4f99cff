/** The checks, for every client that JavaScript can drive. */
import { BULK_OPERATIONS, nameBulk, PROBE_TOOLS } from '../documents.mjs';
import { arrivalOf, changeDocument, describe, newKey, report, SEEN_MS, waitFor } from './stage.mjs';

const CHECK_MS = 45_000;

/**
 * One connection of a client, as its own user sees it.
 * @typedef {object} Connection
 * @property {string} protocol the revision that was agreed on
 * @property {boolean} declaresListChanged whether the server's capabilities do
 * @property {() => Promise<readonly string[]>} tools names of all pages
 * @property {(name: string, args: Record<string, unknown>, signal?: AbortSignal) => Promise<{ isError: boolean, text: string }>} call
 * @property {(heard: () => void) => Promise<void>} [onToolsChanged]
 * @property {() => Promise<boolean>} [finishSignIn] signs in for what a refusal asked for; false when none did
 * @property {() => Promise<void>} close
 *
 * @typedef {object} InteropClient
 * @property {'oauth' | 'header' | 'none'} login
 * @property {(user: 'alice' | 'carol' | 'bob', options?: { file?: string }) => Promise<Connection>} connect as this user: by signing in, else with the user's token
 * @property {Record<string, string>} [lacks] checks that the client has no means for, and why
 * @property {Record<string, string>} [faults] checks that fail by the client's own fault, as the wire shows, and what it does; made all the same
 */

/** @param {InteropClient} client */
export async function runChecks(client) {
  /** @type {Connection[]} */
  const opened = [];
  const open = async (/** @type {Parameters<InteropClient['connect']>} */ ...args) => {
    const connection = await client.connect(...args);
    opened.push(connection);
    return connection;
  };
  const run = async (/** @type {string} */ check, /** @type {() => Promise<string | undefined>} */ body) => {
    const lacking = client.lacks?.[check];
    if (lacking !== undefined) return report(check, 'not offered', lacking);
    try {
      report(check, 'ok', await bounded(body()));
    } catch (error) {
      const shown = error instanceof NotOffered || error instanceof Mismatch ? error.message : describe(error);
      const fault = client.faults?.[check];
      if (fault === undefined) report(check, error instanceof NotOffered ? 'not offered' : 'failed', shown);
      else report(check, 'not offered', fault);
    }
  };
  try {
    /** @type {Connection | undefined} */
    let connection;
    await run('login', async () => {
      connection = await open('alice');
      return `${{ oauth: 'OAuth', header: 'header', none: 'none needed' }[client.login]}, ${connection.protocol}`;
    });
    const alice = connection;
    if (alice === undefined) return;
    await run('list', () => checkList(alice));
    await run('call', () => checkCall(alice));
    await run('tool error', () => checkToolError(alice));
    await run('unknown tool', () => checkUnknownTool(alice));
    await run('cancel', () => checkCancel(alice));
    await run('list changed', () => checkListChanged(alice));
    await run('step-up', () => checkStepUp(alice));
    await run('missing scope', async () => checkMissingScope(await open('carol')));
    await run('1,000 tools', async () => checkBulk(await open('bob')));
  } finally {
    for (const connection of opened) await Promise.race([connection.close().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 3_000))]);
  }
  process.exit(0);
}

class Mismatch extends Error {}
class NotOffered extends Error {}

/** @template T @param {Promise<T>} work */
function bounded(work) {
  return Promise.race([work, new Promise((/** @type {(value: T) => void} */ _, reject) => setTimeout(() => reject(new Mismatch(`no end after ${CHECK_MS / 1_000} s`)), CHECK_MS))]);
}

/** @param {unknown} condition @param {string} problem @returns {asserts condition} */
function assert(condition, problem) {
  if (!condition) throw new Mismatch(problem);
}

/** @param {Connection} connection */
async function checkList(connection) {
  const names = await connection.tools();
  const own = names.filter((name) => !name.startsWith('probe_added'));
  assert(own.toSorted().join() === PROBE_TOOLS.join(), `it lists ${own.join(', ')}`);
  return undefined;
}

/** Values that are easily damaged on the way, and what the API must receive. */
function describeEcho() {
  const key = newKey();
  const body = { text: 'Zoë "quoted" \\ back\nline 漢字 🧾 \u0000', decimal: 12.5, big: Number.MAX_SAFE_INTEGER, flag: false, list: ['', 'a,b', '%2F'], inner: { empty: '' } };
  const id = `${key} a/b?c%é`;
  const q = 'x&y=z +ü/?';
  return { key, args: { id, q, ...body }, target: `/echo/${encodeURIComponent(id)}?q=${encodeURIComponent(q)}`, body };
}

/** @param {Connection} connection */
async function checkCall(connection) {
  const { key, args, target, body } = describeEcho();
  const result = await connection.call('probe_echo', args);
  assert(!result.isError, `the call failed: ${result.text}`);
  const arrival = await arrivalOf(key);
  assert(arrival, 'the API saw no call');
  assert(normalize(arrival.target) === normalize(target), `the target arrived as ${arrival.target}`);
  assert(JSON.stringify(sort(JSON.parse(arrival.body))) === JSON.stringify(sort(body)), `the body arrived as ${arrival.body}`);
  assert(result.text.includes(key), `the answer came back as ${result.text}`);
  return undefined;
}

/** A slash or question mark may stay as it is in a query (RFC 3986 section 3.4). @param {string} target */
function normalize(target) {
  const [path = '', query = ''] = target.split('?');
  return `${path}?${query}${target.split('?').slice(2).map((rest) => `?${rest}`).join('')}`.replace(/\?.*$/, (found) => found.replaceAll('%2F', '/').replaceAll('%3F', '?'));
}

/** @param {Record<string, unknown>} object */
function sort(object) {
  return Object.fromEntries(Object.entries(object).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** @param {Connection} connection */
async function checkToolError(connection) {
  const key = newKey();
  const result = await connection.call('probe_fail', { id: key });
  assert(result.isError, `it is not marked as an error: ${result.text}`);
  assert(result.text.includes(`closed: ${key}`), `what the API said is missing: ${result.text}`);
  return undefined;
}

/** @param {Connection} connection */
async function checkUnknownTool(connection) {
  try {
    const result = await connection.call('probe_nothing', {});
    assert(result.isError, `it answers ${result.text}`);
    return result.text;
  } catch (error) {
    if (error instanceof Mismatch) throw error;
    const shown = describe(error);
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    assert(code === -32_602 || /-32602|unknown|no tool|not found/i.test(shown), `it shows ${shown}`);
    return shown;
  }
}

/** @param {Connection} connection */
async function checkCancel(connection) {
  const key = newKey();
  const controller = new AbortController();
  const settled = connection.call('probe_wait', { id: key }, controller.signal).then(
    ({ text }) => `it answered ${text}`,
    (/** @type {unknown} */ error) => error,
  );
  assert(await waitFor(() => arrivalOf(key), SEEN_MS), `the call never reached the API: ${describe(await Promise.race([settled, 'no answer']))}`);
  const began = Date.now();
  controller.abort(new Error('cancelled by the user'));
  const outcome = await Promise.race([settled, new Promise((resolve) => setTimeout(() => resolve('the call did not end'), SEEN_MS))]);
  assert(typeof outcome !== 'string', String(outcome));
  assert(await waitFor(async () => (await arrivalOf(key))?.aborted, SEEN_MS), `the call to the API went on for ${SEEN_MS / 1_000} s after it was cancelled (${connection.protocol})`);
  return `upstream ended after ${Date.now() - began} ms`;
}

/** @param {Connection} connection */
async function checkListChanged(connection) {
  if (!connection.declaresListChanged) throw new NotOffered('the server does not declare tools.listChanged');
  if (!connection.onToolsChanged) throw new NotOffered('the client has no way to be told');
  let heard = 0;
  await connection.onToolsChanged(() => (heard ||= Date.now()));
  const added = await changeDocument();
  const began = Date.now();
  assert(await waitFor(() => heard, SEEN_MS), `nothing was heard within ${SEEN_MS / 1_000} s of the apply (${connection.protocol})`);
  const names = await connection.tools();
  assert(names.includes(added), `the list read after it lacks ${added}`);
  return heard <= began ? 'heard before the apply had ended' : `heard ${heard - began} ms after the apply`;
}

/** Signing in gives no more than the basic scopes. @param {Connection} connection */
async function checkStepUp(connection) {
  const key = newKey();
  try {
    const result = await callOnceMore(connection, key);
    assert(!result.isError, `it shows ${result.text}`);
  } catch (error) {
    throw error instanceof Mismatch ? error : new Mismatch(`it shows ${describe(error)}`);
  }
  assert(await arrivalOf(key), 'the API saw no call');
  return undefined;
}

/** @param {Connection} connection @param {string} key */
async function callOnceMore(connection, key) {
  try {
    return await connection.call('probe_write', { id: key });
  } catch (error) {
    if (!(await connection.finishSignIn?.())) throw error;
    return connection.call('probe_write', { id: key });
  }
}

/** @param {Connection} connection */
async function checkMissingScope(connection) {
  const key = newKey();
  let shown;
  try {
    const result = await callOnceMore(connection, key);
    assert(result.isError, `carol was served: ${result.text}`);
    shown = result.text;
  } catch (error) {
    if (error instanceof Mismatch) throw error;
    shown = describe(error);
  }
  assert((await arrivalOf(key)) === null, 'the call reached the API');
  return shown;
}

/** @param {Connection} connection */
async function checkBulk(connection) {
  const names = await connection.tools();
  const expected = new Set(Array.from({ length: BULK_OPERATIONS }, (_, index) => `bulk_${nameBulk(index)}`));
  assert(names.length === BULK_OPERATIONS && new Set(names).size === BULK_OPERATIONS && names.every((name) => expected.has(name)), `${names.length} tools, from ${names[0]} to ${names.at(-1)}`);
  return undefined;
}
