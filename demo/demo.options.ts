import { parseArgs } from 'node:util';
import { defaultPortBase, parsePortBase } from './ports.js';
import { UsageError } from './usage.error.js';

export interface DemoOptions {
  readonly once: boolean;
  readonly help: boolean;
  readonly portBase: number;
}

export const demoUsage = 'usage: npm run demo -- [--once] [--port-base N] [--help]';

export const demoHelp = `${demoUsage}

Starts a demo authorization server (port 3001), an orders API (3002), PostgreSQL and Gatehouse (3232), lets three
users' agents make real calls, prints what happened, and keeps serving until Ctrl-C.

  --once          stop after the checks; the exit code is 0 only if all of them held
  --port-base N   use the ports N+1, N+2 and N+232 (default ${defaultPortBase})`;

/** @throws UsageError with one line for people. */
export function parseDemoOptions(args: readonly string[]): DemoOptions {
  const values = readArguments(args);
  const portBase = values['port-base'] === undefined ? defaultPortBase : parsePortBase(values['port-base']);
  if (portBase === undefined) throw new UsageError('--port-base must be a number from 1024 to 65303');
  return { once: values.once, help: values.help, portBase };
}

function readArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { once: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false }, 'port-base': { type: 'string' } },
    });
    return values;
  } catch (cause) {
    throw new UsageError(demoUsage, { cause });
  }
}
