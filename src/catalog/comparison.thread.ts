import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DocumentError } from '@gatehouse-mcp/openapi-tools';
import type { ApiSource } from './api.source.js';
import { compareSources, type Comparison, type ComparisonInput } from './comparison.js';
import type { ComparisonAnswer } from './comparison.worker.js';

/** Bytes of both documents up to which comparing takes some 50 ms at most, where starting a thread takes 250; more goes to one. */
const SMALL = 64 * 1024;

export interface ThreadLimits {
  readonly deadlineMs: number;
  readonly heapMb: number;
}

/** Microsoft Graph's 20 MB take 12 s and 0.9 GB. */
const LIMITS: ThreadLimits = { deadlineMs: 90_000, heapMb: 1_024 };

/** Run from the sources, which a thread cannot read, it is the build's. */
const WORKER = join(import.meta.dirname.replace(/src([\\/]catalog)$/, 'dist$1'), 'comparison.worker.js');

/**
 * Compares documents without holding up this thread: a large one gets a thread with a deadline and a heap of its own, so that one that is
 * made to take time or memory fails alone.
 * @throws DocumentError, also when it takes too long or too much; Error when the thread did not come to an end
 */
export async function compareDocuments(input: ComparisonInput, signal?: AbortSignal, limits = LIMITS): Promise<Comparison> {
  // The first document of an API was loaded by whoever named it, and is compared with none.
  if (input.before === undefined || sizeOf(input.before) + sizeOf(input.after) <= SMALL) return compareSources(input);
  const answer = await runWorker(input, limits, signal);
  if ('comparison' in answer) return answer.comparison;
  throw new DocumentError(answer.code, answer.message);
}

function sizeOf({ document, externals }: ApiSource): number {
  return Object.values(externals).reduce((sum, text) => sum + text.length, document.byteLength);
}

async function runWorker(input: ComparisonInput, { deadlineMs, heapMb }: ThreadLimits, signal: AbortSignal | undefined): Promise<ComparisonAnswer> {
  // It needs neither secrets nor the options that this process was started with.
  const worker = new Worker(WORKER, { workerData: input, env: {}, argv: [], execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMb } });
  const deadline = AbortSignal.timeout(deadlineMs);
  const end = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  try {
    return await new Promise((resolve, reject) => {
      const stop = (): void => reject(deadline.aborted ? tooLarge(`took longer than ${deadlineMs / 1_000} s`) : new Error('comparing the document was stopped'));
      if (end.aborted) stop();
      end.addEventListener('abort', stop, { once: true });
      worker.once('message', resolve);
      worker.once('error', (cause) => reject(isOutOfMemory(cause) ? tooLarge(`took more than ${heapMb} MB`) : new Error('comparing the document failed', { cause })));
      worker.once('exit', () => reject(new Error('comparing the document ended without an answer')));
    });
  } finally {
    await worker.terminate();
  }
}

const tooLarge = (why: string): DocumentError => new DocumentError('too_large', `comparing the document with the one in force ${why}`);

const isOutOfMemory = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
