/** Checks the import law, and that it was checked: an unsupported compiler makes dependency-cruiser read nothing and report success. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { binFolder, root } from './checkout.mjs';

const LEAST_MODULES = 150;
const LEAST_EDGES = 400;

const cruise = spawnSync(join(binFolder, 'depcruise'), ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src', 'libs', 'demo', 'bench'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
let summary;
try {
  ({ summary } = JSON.parse(cruise.stdout));
} catch {
  console.error(`dependency-cruiser gave no report: ${cruise.stderr}`);
  process.exit(1);
}
for (const { rule, from, to, cycle } of summary.violations) {
  console.error(`${rule.name}: ${from} → ${to}${cycle ? ` (cycle of ${cycle.length})` : ''}`);
}
const { totalCruised: modules, totalDependenciesCruised: edges = 0, violations } = summary;
if (modules < LEAST_MODULES || edges < LEAST_EDGES) {
  console.error(`only ${modules} modules and ${edges} imports were read: the check has checked nothing`);
  process.exit(1);
}
console.log(`architecture: ${modules} modules, ${edges} imports, ${violations.length} violations`);
process.exit(violations.length === 0 ? 0 : 1);
