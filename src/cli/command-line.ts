import { errorCode } from '@gatehouse-mcp/oauth';
import { DocumentError } from '@gatehouse-mcp/openapi-tools';
import { ConfigurationError } from '../config/configuration.error.js';
import type { Environment } from '../config/environment.js';
import { CommandError } from './command.error.js';
import { readCommandInput, type CommandInput } from './configured.command.js';
import { isUsageError } from './usage.error.js';

const USAGE = `usage: gatehouse <command> [options]      (--config FILE: default gatehouse.yaml, else environment variables)

  serve --config FILE     apply the configuration and serve it      (--no-apply: serve what was applied before)
  apply --config FILE     bring the database to the configuration
  check --config FILE     validate the configuration; needs no server
  schema                  the JSON Schema of gatehouse.yaml, for editors

  revisions --config FILE [TENANT/API]             stored documents: in force, waiting for approval, rejected (--json)
  approve --config FILE TENANT/API [HASH]          put a waiting (or an earlier) document in force
  reject --config FILE TENANT/API [HASH]           never put it in force

  doctor auth --token-stdin [--tenant NAME]        why a token would be refused       (--json)
  doctor provider NAME                             whether sign-in can work there     (--json)
  doctor exchange --api TENANT/NAME --token-stdin  what calls would carry             (--json)
  doctor network                                   what egress reaches, and how        (--json)
  keys list|create|rotate ID|revoke ID             API keys of machines               (--json)
        create: --tenant NAME --owner WHO [--name TEXT --scopes "a b" --roles "c" --expires 90d --provider ID]
        rotate: [--overlap 24h --expires 90d]
  revoke --subject PROVIDER:SUBJECT [--reason TEXT]  refuse what was issued until now
        or --token PROVIDER:ID, --client PROVIDER:CLIENT, --provider ID, --tenant NAME
  revocations                                      what is revoked                    (--json)
  connections list|revoke                          what users connected               (--json)
        [--user PROVIDER:SUBJECT --api TENANT/NAME --tenant NAME]
  vault status|rekey [--tenant NAME]               keys of the vault; seal all anew   (--json)

  openapi check FILE|URL…                          what becomes of each operation     (--json)
  openapi tools FILE|URL                           the tools/list result              (--json --profile NAME)
  openapi diff OLD NEW                             what changes for callers           (--json)
  stdio --openapi FILE|URL                         a local MCP server for one document
        [--base-url URL] [--header 'Name: env:VAR'] [--include GLOB] [--profile NAME] [--timeout 30s]
        [--search-above N]
      all of these: [--overlay FILE] [--allow-ref PREFIX]
  stdio --config FILE     the configured gateway as a local MCP server, for the person of GATEHOUSE_TOKEN or GATEHOUSE_DEV_*   (--no-apply)

  connect URL             a local MCP server that signs in at a remote one and passes everything on
        [--client-id ID [--client-secret env:NAME|file:PATH]] [--client-metadata-url URL] [--callback-port PORT] [--login-timeout 5m] [--omit-resource]
        [--header 'Name: env:VAR']: in place of a sign-in
  client-config [NAME]    how a client is told about the gateway: claude-desktop, cursor, …   (--url URL)
`;

type Command = (args: readonly string[], environment: Environment) => Promise<number>;

const configured =
  (load: () => Promise<(input: CommandInput) => Promise<number>>): (() => Promise<Command>) =>
  async () => {
    const run = await load();
    return (args, environment) => run(readCommandInput(args, environment));
  };

/** Loaded when they run: `check` must not wait for NestJS and TypeORM. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: configured(async () => (await import('./serve.command.js')).serve),
  apply: configured(async () => (await import('./apply.command.js')).apply),
  check: configured(async () => (await import('./check.command.js')).check),
  schema: async () => (await import('./schema.command.js')).schema,
  revisions: async () => (await import('./revisions.command.js')).revisions,
  approve: async () => (await import('./revisions.command.js')).approve,
  reject: async () => (await import('./revisions.command.js')).reject,
  doctor: async () => (await import('./doctor.command.js')).doctor,
  keys: async () => (await import('./keys.command.js')).keys,
  revoke: async () => (await import('./revoke.command.js')).revoke,
  revocations: async () => (await import('./revoke.command.js')).revocations,
  connections: async () => (await import('./connections.command.js')).connections,
  vault: async () => (await import('./vault.command.js')).vault,
  openapi: async () => (await import('./openapi/openapi.command.js')).openapi,
  stdio: async () => (await import('./stdio.command.js')).stdio,
  connect: async () => (await import('./connect/connect.command.js')).connect,
  'client-config': async () => (await import('./client-config/client-config.command.js')).clientConfig,
};

/** @returns the exit code: 0 done, 1 failed, 2 wrong usage */
export async function runCommand(args: readonly string[], environment: Environment): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(USAGE);
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) return misuse(`there is no command "${name}"`);
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(USAGE);
    return 0;
  }
  try {
    const run = await load();
    return await run(rest, environment);
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

/** One clear line for what an operator can mend; a stack only for what nobody expected. */
function describe(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof DocumentError || error instanceof CommandError) return `gatehouse: ${error.message}`;
  if (!(error instanceof Error)) return `gatehouse: ${String(error)}`;
  return `gatehouse: ${errorCode(error) !== undefined ? error.message : (error.stack ?? error.message)}`;
}
