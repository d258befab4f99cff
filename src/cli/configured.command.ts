import { parseArgs } from 'node:util';
import type { Environment } from '../config/environment.js';
import { UsageError } from './usage.error.js';

/** What a command that works on `gatehouse.yaml` is given. */
export interface CommandInput {
  readonly config: string;
  readonly apply: boolean;
  readonly environment: Environment;
}

/** Reads the options that these commands share. @throws UsageError */
export function readCommandInput(args: readonly string[], environment: Environment): CommandInput {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string', short: 'c' }, 'no-apply': { type: 'boolean' } } });
  if (values.config === undefined) throw new UsageError('--config FILE is missing');
  return { config: values.config, apply: values['no-apply'] !== true, environment };
}
