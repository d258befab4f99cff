import { basename, dirname, join } from 'node:path';

/** The `demo` folder: this file runs from it (tests) or from its `dist` (compiled). */
export const demoFolder = basename(import.meta.dirname) === 'dist' ? dirname(import.meta.dirname) : import.meta.dirname;

export const checkoutFolder = dirname(demoFolder);

export const openApiFile = join(demoFolder, 'orders-api', 'openapi.json');
