import { join } from 'node:path';
import root from '../../jest.config.mjs';

/** `npm run conformance`: the official suite, once for each revision. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default {
  ...root,
  rootDir: join(import.meta.dirname, '../..'),
  roots: ['<rootDir>/test/conformance'],
  testMatch: ['**/*.conformance.ts'],
  globalSetup: join(import.meta.dirname, 'global-setup.mjs'),
  maxWorkers: 1,
  testTimeout: 300_000,
};
