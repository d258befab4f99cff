import { availableParallelism } from 'node:os';

/** Jest 30 in CommonJS mode: its ESM mode fails on @nestjs/throttler, which is CommonJS and requires ESM Nest. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/libs', '<rootDir>/demo', '<rootDir>/bench', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  resolver: '<rootDir>/test/tools/jest-resolver.cjs',
  transform: {
    '\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [],
  testTimeout: 30_000,
  // Most specs wait for something: two share two cores well, where Jest's own choice would leave one idle.
  maxWorkers: Math.max(2, availableParallelism() - 1),
};
