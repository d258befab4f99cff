/** Writes docs/gatehouse.schema.json, which editors use, from the schema that validates gatehouse.yaml. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './checkout.mjs';

const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'gatehouse.mjs'), 'schema'], { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 });
if (status !== 0) {
  console.error(stderr);
  process.exit(1);
}
writeFileSync(join(root, 'docs', 'gatehouse.schema.json'), stdout);
console.log('docs/gatehouse.schema.json is written');
