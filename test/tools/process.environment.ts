import { join } from 'node:path';

/** What every process of a test has besides its own variables. Most of a start is compiling, which Node does once for all that have this folder. */
export const processEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/gatehouse-compiled'),
};
