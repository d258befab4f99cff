/** Holds the embedded PostgreSQL of the folder in its first argument, for tests that kill it. */
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

const [checkout = ''] = process.argv.slice(2);

async function hold(): Promise<void> {
  try {
    const { urls, home, stop, remove } = await startEmbeddedPostgres({ checkout, log: () => undefined });
    process.stdout.write(`${JSON.stringify({ home, adminUrl: urls.adminUrl?.reveal() })}\n`);
    process.stdin.once('data', (word) => void (String(word).startsWith('remove') ? remove() : stop()).then(() => process.exit(0)));
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ refusal: error instanceof Error ? error.message : String(error) })}\n`);
    process.exitCode = 1;
  }
}

void hold();
