import { moveConfiguration } from './demo.configuration.js';
import type { DemoOptions } from './demo.options.js';
import { describeConnecting } from './instructions.js';
import { derivePorts, type DemoPorts, gatewayUrlsAt, issuerAt } from './ports.js';
import { DemoStack } from './stack/demo.stack.js';
import { EmbeddedDatabase } from './stack/embedded.database.js';
import { assertPortsFree } from './stack/free-ports.js';
import { StartError } from './stack/start.error.js';
import { stateFolderOf } from './stack/state.folder.js';
import { createAuditReader } from './story/audit.reader.js';
import { Narrator } from './story/narrator.js';
import { tellStory } from './story/story.js';

export interface DemoRun {
  readonly options: DemoOptions;
  /** Settles when somebody wants the demo to end; never rejects. */
  readonly interrupted: Promise<'interrupted'>;
  readonly print: (line: string) => void;
  /** Like print, after the seconds since the start. */
  readonly progress: (line: string) => void;
}

/**
 * Starts the servers, tells the story and, without `--once`, serves until interrupted. Whatever happens, what was
 * started is stopped.
 * @throws StartError, CheckFailure with one line for people.
 */
export async function runDemo(run: DemoRun): Promise<'done' | 'interrupted'> {
  const { once, portBase } = run.options;
  const ports = derivePorts(portBase);
  const folder = stateFolderOf(portBase);
  await assertPortsFree(ports, portBase);
  folder.create(moveConfiguration(ports));
  const stack = new DemoStack(ports, folder);
  const database = new EmbeddedDatabase(folder.path);
  const unlessEnded = <T>(work: Promise<T>): Promise<T | 'interrupted'> => Promise.race([work, run.interrupted, failWhenBroken(stack)]);
  try {
    if ((await unlessEnded(startServers(stack, ports, run))) === 'interrupted') return 'interrupted';
    if ((await unlessEnded(tellWholeStory(database, ports, run))) === 'interrupted') return 'interrupted';
    if (once) return 'done';
    run.print(`\n${describeConnecting(portBase)}`);
    await unlessEnded(run.interrupted);
    return 'done';
  } finally {
    run.print('');
    run.progress('stopping');
    await stack.stop();
    if (once) database.removeWhatWasMade();
  }
}

async function startServers(stack: DemoStack, ports: DemoPorts, { progress }: DemoRun): Promise<void> {
  progress(`starting the authorization server on port ${ports.authorizationServer}`);
  await stack.startAuthorizationServer();
  progress(`starting the orders API on port ${ports.ordersApi} and an MCP server, the wiki, on port ${ports.wikiServer}: they know the authorization server, and nothing of Gatehouse`);
  await Promise.all([stack.startOrdersApi(), stack.startWikiServer()]);
  progress(`starting PostgreSQL and Gatehouse on port ${ports.gateway}`);
  await stack.startGateway();
  progress('ready');
}

async function tellWholeStory(database: EmbeddedDatabase, ports: DemoPorts, { print, progress }: DemoRun): Promise<void> {
  const narrator = new Narrator(print);
  await tellStory({
    mcpUrl: new URL(`${gatewayUrlsAt(ports.gateway)[0]}/mcp`),
    issuer: issuerAt(ports.authorizationServer),
    narrator,
    auditReader: createAuditReader(database.readAdminUrl()),
  });
  print('');
  progress(`all ${narrator.checkCount} checks held`);
}

async function failWhenBroken(stack: DemoStack): Promise<never> {
  throw new StartError(await stack.brokenBy);
}
