import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Environment } from '../config/environment.js';
import { hasShortcuts } from '../config/shortcuts.js';
import { UsageError } from './usage.error.js';

const DEFAULT_FILE = 'gatehouse.yaml';

/** What a command that works on `gatehouse.yaml` is given. */
export interface CommandInput {
  /** `gatehouse.yaml`; undefined when environment variables are all there is. */
  readonly config: string | undefined;
  readonly apply: boolean;
  readonly environment: Environment;
}

/** Reads the options that these commands share. @throws UsageError */
export function readCommandInput(args: readonly string[], environment: Environment): CommandInput {
  const { values } = parseArgs({ args: [...args], options: { config: { type: 'string', short: 'c' }, 'no-apply': { type: 'boolean' } } });
  return { config: chooseConfiguration(values.config, environment), apply: values['no-apply'] !== true, environment };
}

/** The file that is named, else `gatehouse.yaml` here, else the variables that make a configuration alone. @throws UsageError */
export function chooseConfiguration(named: string | undefined, environment: Environment): string | undefined {
  if (named !== undefined) return named;
  if (existsSync(DEFAULT_FILE)) return DEFAULT_FILE;
  if (hasShortcuts(environment)) return undefined;
  throw new UsageError(`--config FILE is missing: there is no ${DEFAULT_FILE} here, and no variable such as MCP_HTTP_AUTH0_DOMAIN says how people sign in`);
}
