import { join } from 'node:path';
import root from '../../jest.config.mjs';

const tools = join(import.meta.dirname, '../tools/keycloak');

/** `npm run test:keycloak`: all specs against one real Keycloak, one after another, because they share its realm and the gateway's port. */
// oxlint-disable-next-line import/no-default-export -- Jest asks for it
export default {
  ...root,
  rootDir: join(import.meta.dirname, '../..'),
  roots: ['<rootDir>/test/keycloak'],
  testMatch: ['**/*.keycloak.ts'],
  globalSetup: join(tools, 'global-setup.mjs'),
  globalTeardown: join(tools, 'global-teardown.mjs'),
  maxWorkers: 1,
  testTimeout: 60_000,
};
