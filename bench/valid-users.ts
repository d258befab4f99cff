import { Agent, request } from 'undici';
import { BenchError } from './bench.error.js';
import type { LoadRequest } from './measured-server.js';

const VALID_USERS = 4;

/**
 * Users who call one after the other for as long as they are told.
 * @returns milliseconds of each call
 * @throws BenchError when one is answered with anything but 200
 */
export async function callFor(ms: number, call: LoadRequest): Promise<readonly number[]> {
  const agent = new Agent({ connections: VALID_USERS });
  const end = performance.now() + ms;
  const times: number[] = [];
  const user = async () => {
    while (performance.now() < end) {
      const start = performance.now();
      const { statusCode, body } = await request(call.url, { dispatcher: agent, method: call.method, headers: call.headers, ...(call.body === undefined ? {} : { body: call.body }) });
      await body.dump();
      if (statusCode !== 200) throw new BenchError(`a valid user was answered ${statusCode}`);
      times.push(performance.now() - start);
    }
  };
  try {
    await Promise.all(Array.from({ length: VALID_USERS }, user));
  } finally {
    await agent.destroy();
  }
  return times;
}

export function p99Of(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? NaN;
}
