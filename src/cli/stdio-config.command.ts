import { Secret } from '@gatehouse-mcp/oauth';
import { createApp } from '../app.js';
import { loadConfiguration, type LoadedConfiguration } from '../config/configuration.file.js';
import { startNotices } from '../config/sign-in.checks.js';
import { createLogger, standardError } from '../observability/logger.js';
import { applyConfiguration } from './apply.command.js';
import { createInProcessExchange } from './bridge/in-process.exchange.js';
import { serveHost } from './bridge/serve-host.js';
import { StdioBridge } from './bridge/stdio.bridge.js';
import { CommandError } from './command.error.js';
import type { CommandInput } from './configured.command.js';
import { openDatabase } from './database.js';
import { describeApplied } from './import-report.js';

/**
 * The whole configured gateway for the one program that started it, without a port: each message passes the same guards as a
 * request from the network, so the token is verified with every call and the audit holds every call.
 */
export async function stdioOfConfiguration({ config, apply, environment }: CommandInput): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const token = readToken(environment['GATEHOUSE_TOKEN']);
  assertIdentity(configuration, token);
  for (const notice of startNotices(configuration.settings)) console.error(`warning: ${notice}`);
  const database = await openDatabase(configuration, environment);
  try {
    if (apply) {
      const { documents } = await applyConfiguration(configuration, environment, database.urls);
      if (documents.length > 0) console.error(describeApplied(documents));
    }
    const app = await createApp(configuration, environment, database.urls, { logger: createLogger(configuration.settings.log.level, standardError()) });
    try {
      await app.init();
      await app.getHttpAdapter().getInstance().ready();
      const exchange = createInProcessExchange(app.getHttpServer(), configuration.settings.publicUrls[0] ?? '', token);
      console.error(`Gatehouse serves ${token ? 'the person of GATEHOUSE_TOKEN' : 'the configured identity of development'} over stdio.`);
      await serveHost(() => new StdioBridge(exchange, process.stdout, (line) => console.error(`gatehouse stdio: ${line}`)));
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
  return 0;
}

function readToken(text: string | undefined): Secret | undefined {
  const token = text?.trim() ?? '';
  if (token === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) throw new CommandError('GATEHOUSE_TOKEN is not one token');
  return new Secret(token);
}

function assertIdentity({ settings }: LoadedConfiguration, token: Secret | undefined): void {
  if (token || Object.values(settings.providers).some(({ preset }) => preset === 'environment')) return;
  throw new CommandError('nobody is signed in: set GATEHOUSE_TOKEN to a token for this gateway, or, in development, GATEHOUSE_DEV_SUBJECT to who you are');
}
