import { parseArgs } from 'node:util';
import { BenchError } from './bench.error.js';

export type Era = 'modern' | 'legacy';

export interface BenchOptions {
  readonly rounds: number;
  /** Length of one measured run, and of the unmeasured one before the first. */
  readonly seconds: number;
  readonly warmUp: number;
  readonly connections: number;
  readonly era: Era;
  /** File for the figures. */
  readonly json: string | undefined;
  /** Folder for a CPU profile of Gatehouse. */
  readonly profile: string | undefined;
  readonly help: boolean;
}

export const benchHelp = `usage: npm run bench -- [options]

Measures Gatehouse with everything on against a plain Fastify + undici reverse proxy, each on one and the same core.

  --rounds N        alternating rounds (default 5)
  --seconds N       length of a run (default 8)
  --warm-up N       seconds before the first round, for each server (default 12: Gatehouse's code is optimised late)
  --connections N   concurrent connections (default 32)
  --era ERA         modern (2026-07-28, the default) or legacy (2025-11-25)
  --json FILE       writes the figures
  --profile FOLDER  writes a CPU profile of Gatehouse there; its figures are then too slow to be used`;

/** @throws BenchError with one line for people */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const values = readArguments(args);
  const { era } = values;
  if (era !== 'modern' && era !== 'legacy') throw new BenchError('--era must be modern or legacy');
  return {
    rounds: readCount('rounds', values.rounds),
    seconds: readCount('seconds', values.seconds),
    warmUp: readCount('warm-up', values['warm-up']),
    connections: readCount('connections', values.connections),
    era,
    json: values.json,
    profile: values.profile,
    help: values.help,
  };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '8' },
        'warm-up': { type: 'string', default: '12' },
        connections: { type: 'string', default: '32' },
        era: { type: 'string', default: 'modern' },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : String(error));
  }
}

function readCount(name: string, text: string): number {
  const count = Number(text);
  if (!/^\d{1,4}$/.test(text) || count < 1) throw new BenchError(`--${name} must be a whole number from 1 to 9999`);
  return count;
}
