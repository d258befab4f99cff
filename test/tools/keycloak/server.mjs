import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A first start downloads and builds; each wait inside the script has its own, shorter limit. */
const LONGEST_START_MS = 600_000;

/**
 * What start.sh and stop.sh read, where the environment does not say: ports that are free, preferably the same ones each
 * time, because a new port or URL makes Keycloak import the realm again (a minute more).
 */
export async function prepareEnvironment(environment = process.env) {
  environment['KEYCLOAK_HOME_CACHE'] ??= join(homedir(), '.cache', 'gatehouse', 'keycloak');
  environment['KEYCLOAK_PORT'] ??= String(await choosePort(18_480));
  environment['GATEHOUSE_MCP_URL'] ??= `http://127.0.0.1:${await choosePort(18_481)}/mcp`;
}

/** Starts Keycloak, or keeps the one that runs with the same settings; @returns the issuer of the realm */
export async function startKeycloak() {
  const { stdout, stderr } = await run(join(import.meta.dirname, 'start.sh'), { timeout: LONGEST_START_MS });
  process.stderr.write(stderr);
  return stdout.trim();
}

export async function stopKeycloak() {
  await run(join(import.meta.dirname, 'stop.sh'));
}

async function choosePort(preferred) {
  for (const port of [preferred, 0]) {
    const probe = createServer().listen(port, '127.0.0.1');
    try {
      await once(probe, 'listening');
      return probe.address().port;
    } catch {
      // Taken by somebody else: the next one is any free one.
    } finally {
      probe.close();
    }
  }
  throw new Error('no free port');
}
