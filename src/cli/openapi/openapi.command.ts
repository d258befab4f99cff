import { parseArgs } from 'node:util';
import { UsageError } from '../usage.error.js';
import { checkDocuments } from './check.js';
import { diffDocuments } from './diff.js';
import type { DocumentSource } from './document.source.js';
import { listTools } from './tools.js';

/** The options of the commands that work on documents alone. */
export interface OpenapiInput {
  readonly sources: readonly DocumentSource[];
  readonly isJson: boolean;
  readonly profile: string | undefined;
}

const commands: Readonly<Record<string, { readonly fewest: number; readonly most: number; readonly run: (input: OpenapiInput) => Promise<number> }>> = {
  check: { fewest: 1, most: Infinity, run: checkDocuments },
  tools: { fewest: 1, most: 1, run: listTools },
  diff: { fewest: 2, most: 2, run: diffDocuments },
};

/** `gatehouse openapi check|tools|diff`: needs no configuration and no database. @throws UsageError */
export async function openapi(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(name === '' ? 'openapi needs one of check, tools, diff' : `there is no command "openapi ${name}"`);
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      profile: { type: 'string' },
      overlay: { type: 'string', multiple: true },
      'allow-ref': { type: 'string', multiple: true },
    },
  });
  if (positionals.length < command.fewest) throw new UsageError(`openapi ${name} needs ${command.fewest === 2 ? 'two documents, the old one and the new one' : 'the FILE or URL of a document'}`);
  if (positionals.length > command.most) throw new UsageError(`openapi ${name} takes ${command.most} document${command.most === 1 ? '' : 's'}, not ${positionals.length}`);
  const sources = positionals.map((source) => ({ name: source, overlays: values.overlay ?? [], allowedReferences: values['allow-ref'] ?? [] }));
  return command.run({ sources, isJson: values.json === true, profile: values.profile });
}
