/** openapi-mcp-generator for one document: writes its server into a folder, then becomes that server. Arguments: the document, the base URL, the folder. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , file = '', baseUrl = '', folder = ''] = process.argv;
rmSync(folder, { recursive: true, force: true });
// The generated server is TypeScript without anything that needs a compiler; it finds its packages beside the generator's.
const generator = join(folder, '..', 'node_modules', 'openapi-mcp-generator', 'bin', 'openapi-mcp-generator.js');
const { status, stderr } = spawnSync(process.execPath, [generator, '--input', file, '--output', folder, '--base-url', baseUrl, '--force'], { encoding: 'utf8' });
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
await import(pathToFileURL(join(folder, 'src', 'index.ts')).href);
