import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NativeResource, NativeTool } from '../catalog/native/native.entry.js';
import type { CallContext } from '../context/call-context.js';
import { NativeExecutor, type ClientLink } from './native.executor.js';

/** What the executor reads of a call and of its client: nothing that these handlers use. */
const callOf = (signal = new AbortController().signal) => ({ signal, tenant: { id: 't' }, caller: { issuer: 'i', subject: 's' } }) as unknown as CallContext;
const link = {} as ClientLink;
const trace = { actor: null, scopes: null, upstreamStatus: null };
const services = [{ transact: jest.fn() }, { fetch: jest.fn() }, { of: () => ({}) }] as unknown as ConstructorParameters<typeof NativeExecutor>;
const executor = new NativeExecutor(...services);
const toolOf = (handle: () => unknown) => new NativeTool('own', { name: 'tool', description: 'A tool.' }, handle);
const callTool = (handle: (...parameters: never[]) => unknown, call = callOf()) => executor.callTool(call, toolOf(handle as () => unknown), {}, link, trace);

describe('a handler that never returns', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is given up after 30 s, and told so by its signal', async () => {
    let signal: AbortSignal | undefined;
    const given = callTool((_: unknown, call: { signal: AbortSignal }) => {
      signal = call.signal;
      return new Promise(() => undefined);
    });
    const refusal = given.catch((error: unknown) => String(error));
    await jest.advanceTimersByTimeAsync(29_999);
    expect(signal?.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(await refusal).toContain('own_tool took longer than 30 s');
    expect(signal?.aborted).toBe(true);
  });

  it('is given up when its caller goes', async () => {
    const caller = new AbortController();
    const given = callTool(() => new Promise(() => undefined), callOf(caller.signal));
    caller.abort(new Error('gone'));
    await expect(given).rejects.toThrow('gone');
  });

  it.each([['returns', () => 'done'], ['throws', () => Promise.reject(new Error('no'))]])('leaves no timer behind, nor does one that %s', async (_, handle) => {
    await callTool(handle).catch(() => undefined);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a result', () => {
  it.each([
    ['50 MB of text', () => 'x'.repeat(50 * 1024 * 1024), /own_tool is too large/],
    ['50 MB in an object', () => ({ text: 'x'.repeat(50 * 1024 * 1024) }), /own_tool is too large/],
    ['nothing', () => undefined, /own_tool brought no result/],
    ['a list', () => [1], /own_tool brought no result/],
    ['a number', () => 7, /own_tool brought no result/],
    ['a function', () => () => 1, /own_tool brought no result/],
  ])('that is %s is refused by name', async (_, handle, message) => {
    await expect(callTool(handle)).rejects.toThrow(message);
  });

  it('of a resource may be as large as the whole of an answer of an API, and no larger', async () => {
    const read = (bytes: number) => executor.handle(callOf(), new NativeResource('own', { name: 'file', description: 'A file.', uri: 'own:file' }, () => new Uint8Array(bytes)), {}, link, trace);
    expect(await read(10 * 1024 * 1024)).toHaveLength(10 * 1024 * 1024);
    await expect(read(11 * 1024 * 1024)).rejects.toThrow('own_file is too large');
  });
});
