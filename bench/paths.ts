import { dirname } from 'node:path';

/** This file runs from `bench/dist`. */
export const checkoutFolder = dirname(dirname(import.meta.dirname));
