import type { IncomingMessage } from 'node:http';

const maxFormBytes = 16_384;

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without `setEncoding` yields buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxFormBytes) throw new Error('form too large');
    chunks.push(bytes);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
