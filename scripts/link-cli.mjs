/**
 * After an install: writes node_modules/.bin/gatehouse, so that `npx --no-install gatehouse …` works in this checkout. A
 * `bin` in the root's package.json would make npx install the package anew each time.
 */
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { binFolder, root } from './checkout.mjs';

if (existsSync(binFolder)) {
  const launcher = join(root, 'scripts', 'gatehouse.mjs');
  const file = join(binFolder, 'gatehouse');
  writeFileSync(file, `#!/usr/bin/env node\nimport(${JSON.stringify(pathToFileURL(launcher).href)});\n`);
  chmodSync(file, 0o755);
  if (process.platform === 'win32') writeFileSync(`${file}.cmd`, `@node "${launcher}" %*\r\n`);
}
