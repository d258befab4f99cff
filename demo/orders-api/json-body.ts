import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.js';

const maxBodyBytes = 65_536;

/** The request's JSON; undefined when it has no body. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without `setEncoding` yields buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) throw new Problem(413, 'The body is too large.');
    chunks.push(bytes);
  }
  if (size === 0) return undefined;
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) throw new Problem(415, 'application/json is required.');
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Problem(400, 'The body is not JSON.');
  }
}
