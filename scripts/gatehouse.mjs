/** The `gatehouse` command of a checkout: builds what is stale, and runs on the pinned Node where the machine's is older. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isBuilt, isNodeCurrent, pinnedNode, root } from './checkout.mjs';

const main = join(root, 'dist', 'main.js');

if (!isBuilt()) {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'setup.mjs')], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
const node = pinnedNode();
if (isNodeCurrent() || node === undefined) {
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)));
}
