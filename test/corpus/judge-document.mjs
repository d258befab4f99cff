/** One document: made into tools, its lists judged and offered to clients. */
import { clientProfiles } from '../../libs/openapi-tools/dist/index.js';
import { judgeList } from './judge-list.mjs';
import { listTools } from './list-tools.mjs';
import { offerToClients } from './official-clients.mjs';
import { countOperations } from './operations.mjs';

/** The library's default: what is left of 64 characters beside a server's prefix of 20. */
const NAME_MAX = 44;

/**
 * @typedef {{ document: string, tool: string, problem: string }} BrokenPromise
 * @typedef {{
 *   document: string, isLoaded: boolean, operations: number, tools: number, degraded: number, compiled: number, bytes: number, seconds: number,
 *   skipped: { key: string, reason: string }[], repairs: string[][], broken: BrokenPromise[],
 * }} DocumentResult
 * @param {{ name: string, bytes: Buffer, root: Record<string, unknown> }} document
 * @param {{ profiles: string[], isCompiled: (tool: number) => boolean }} options the first profile's figures are the result's
 * @returns {Promise<DocumentResult>}
 */
export async function judgeDocument({ name, bytes, root }, { profiles, isCompiled }) {
  const operations = countOperations(root);
  const result = { document: name, isLoaded: false, operations, tools: 0, degraded: 0, compiled: 0, bytes: 0, seconds: 0, skipped: [], repairs: [], broken: [] };
  /** @type {DocumentResult | undefined} */
  let first;
  for (const profile of profiles) {
    try {
      const judged = await judgeProfile({ ...result, broken: [] }, bytes, profile, isCompiled);
      if (first === undefined) first = judged;
      else first.broken.push(...judged.broken.map((promise) => ({ ...promise, problem: `profile ${profile}: ${promise.problem}` })));
    } catch (error) {
      const problem = `not loaded: ${error instanceof Error ? error.message : String(error)}`.slice(0, 300);
      return { ...result, broken: [{ document: name, tool: '', problem }] };
    }
  }
  return first ?? result;
}

/** @param {DocumentResult} result @param {Buffer} bytes @param {string} profile @param {(tool: number) => boolean} isCompiled */
async function judgeProfile(result, bytes, profile, isCompiled) {
  const made = listTools(bytes, profile === 'default' ? {} : { profile: clientProfiles[profile] });
  const { tools, compiled, problems } = judgeList(JSON.parse(made.list), { nameMax: NAME_MAX, isCompiled });
  const broken = problems.map((problem) => ({ document: result.document, ...problem }));
  const breaks = (/** @type {string} */ problem, tool = '') => broken.push({ document: result.document, tool, problem });
  if (tools + made.skipped.length !== result.operations) breaks(`${result.operations} operations, but ${tools} tools and ${made.skipped.length} skipped`);
  for (const { key, reason } of made.skipped) if (reason === '') breaks('skipped without a reason', key);
  for (const problem of await offerToClients(made.list, tools)) breaks(problem);
  return {
    ...result,
    isLoaded: true,
    tools,
    compiled,
    bytes: Buffer.byteLength(made.list),
    seconds: made.seconds,
    degraded: made.repairs.filter((codes) => codes.length > 0).length,
    skipped: made.skipped,
    repairs: made.repairs,
    broken,
  };
}
