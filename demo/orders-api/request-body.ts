import type { IncomingMessage } from 'node:http';
import busboy from 'busboy';
import { Problem } from './problem.js';

const maxJsonBytes = 65_536;
const maxFileBytes = 1024 * 1024;

/** A file part of a form. */
export interface UploadedFile {
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What came in a form: its texts and its files, by name. */
export interface UploadedForm {
  readonly texts: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

/** The request's JSON, or its form; undefined when it has no body. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '') ? readForm(request) : readJson(request);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // A request without `setEncoding` yields buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxJsonBytes) throw new Problem(413, 'The body is too large.');
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

function readForm(request: IncomingMessage): Promise<UploadedForm> {
  const texts = new Map<string, string>();
  const files = new Map<string, UploadedFile>();
  return new Promise((resolve, reject) => {
    const parser = busboy({ headers: request.headers, defParamCharset: 'utf8', limits: { fileSize: maxFileBytes, files: 1, fields: 10 } });
    parser.on('field', (name, value) => texts.set(name, value));
    parser.on('file', (name, stream, { filename, mimeType }: { filename?: string; mimeType: string }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => reject(broken()));
      stream.on('limit', () => reject(new Problem(413, `A file has at most ${maxFileBytes} bytes.`)));
      stream.on('end', () => files.set(name, { filename: decodeName(filename ?? 'file'), mediaType: mimeType, bytes: Buffer.concat(chunks) }));
    });
    parser.on('error', () => reject(broken()));
    parser.on('close', () => resolve({ texts, files }));
    request.pipe(parser);
  });
}

const broken = (): Problem => new Problem(400, 'The body is not a whole form.');

/** What the HTML standard lets a client escape in the names of a form. */
const decodeName = (name: string): string => name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n');
