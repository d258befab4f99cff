import { parseArgs } from 'node:util';
import { errorCode } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../config/configuration.error.js';
import type { Environment } from '../config/environment.js';

const USAGE = `usage: gatehouse <command> --config FILE

  serve   apply the configuration and serve it          (--no-apply: serve what was applied before)
  apply   bring the database to the configuration
  check   validate the configuration; needs no server
`;

/** What a command is given. */
export interface CommandInput {
  readonly config: string;
  readonly apply: boolean;
  readonly environment: Environment;
}

type Command = (input: CommandInput) => Promise<number>;

/** Loaded when they run: `check` must not wait for NestJS and TypeORM. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.command.js')).serve,
  apply: async () => (await import('./apply.command.js')).apply,
  check: async () => (await import('./check.command.js')).check,
};

/** @returns the exit code: 0 done, 1 failed, 2 wrong usage */
export async function runCommand(args: readonly string[], environment: Environment): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(USAGE);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) return misuse(`there is no command "${name}"`);
  try {
    const { values } = parseArgs({ args: rest, options: { config: { type: 'string', short: 'c' }, 'no-apply': { type: 'boolean' }, help: { type: 'boolean' } } });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (values.config === undefined) return misuse('--config FILE is missing');
    const run = await command();
    return await run({ config: values.config, apply: values['no-apply'] !== true, environment });
  } catch (error) {
    if (isUsageError(error)) return misuse(error.message);
    console.error(describe(error));
    return 1;
  }
}

function misuse(problem: string): number {
  console.error(`gatehouse: ${problem}\n\n${USAGE}`);
  return 2;
}

/** parseArgs has no error class of its own, only codes. */
function isUsageError(error: unknown): error is Error {
  return errorCode(error)?.startsWith('ERR_PARSE_ARGS') === true;
}

/** One clear line for what an operator can mend; a stack only for what nobody expected. */
function describe(error: unknown): string {
  if (error instanceof ConfigurationError) return `gatehouse: ${error.message}`;
  if (!(error instanceof Error)) return `gatehouse: ${String(error)}`;
  return `gatehouse: ${errorCode(error) !== undefined ? error.message : (error.stack ?? error.message)}`;
}
