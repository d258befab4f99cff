import { parentPort, workerData } from 'node:worker_threads';
import { DocumentError, type DocumentErrorCode } from '@gatehouse-mcp/openapi-tools';
import { compareSources, type Comparison, type ComparisonInput } from './comparison.js';

/** The one message of this thread. An error's class does not survive the way between threads. */
export type ComparisonAnswer = { readonly comparison: Comparison } | { readonly code: DocumentErrorCode; readonly message: string };

function answer(input: ComparisonInput): ComparisonAnswer {
  try {
    return { comparison: compareSources(input) };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { code: error.code, message: error.message };
  }
}

// The data is what comparison.thread.ts hands over, which alone starts this.
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(answer(workerData as ComparisonInput));
