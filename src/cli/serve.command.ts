import { createApp } from '../app.js';
import { loadConfiguration } from '../config/configuration.file.js';
import { applyConfiguration } from './apply.command.js';
import { startNotices } from '../config/sign-in.checks.js';
import type { CommandInput } from './configured.command.js';
import { openDatabase } from './database.js';
import { describeApplied } from './import-report.js';
import { listenOn } from './listen.js';
import { toolsetNotices } from './toolset-notices.js';

/** Serves until SIGTERM or SIGINT; then takes no new request, finishes those that have begun, and ends. */
export async function serve({ config, apply, environment }: CommandInput): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const { listen, publicUrls } = configuration.settings;
  for (const notice of startNotices(configuration.settings)) console.error(`warning: ${notice}`);
  const stopped = untilSignal();
  const database = await openDatabase(configuration, environment);
  try {
    if (apply) {
      const { documents } = await applyConfiguration(configuration, environment, database.urls);
      if (documents.length > 0) console.error(describeApplied(documents));
      for (const notice of toolsetNotices(configuration.settings, documents)) console.error(`warning: ${notice}`);
    }
    const app = await createApp(configuration, environment, database.urls);
    try {
      await listenOn(app, listen.host, listen.port);
      console.error(`Gatehouse serves ${publicUrls[0]}/mcp`);
      await stopped;
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
  return 0;
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
