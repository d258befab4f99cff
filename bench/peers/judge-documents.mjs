/** Lists each document's tools through a converter and counts what clients trip over. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { judgeInside, judgeRoot } from '../../test/corpus/judge-list.mjs';
import { StdioClient } from './stdio-client.mjs';

const NOWHERE = 'http://127.0.0.1:9';

/** @param {string} folder */
export function documentsIn(folder) {
  return readdirSync(folder).filter((name) => /\.(json|ya?ml)$/.test(name) && name !== 'manifest.json').map((name) => join(folder, name));
}

/**
 * @typedef {{ file: string, error?: string, tools: number, rootless: number, dangling: number, bytes: number, seconds: number }} Listed
 * @param {import('./servers.mjs').Converter} converter @param {string} file @param {number} limitMs
 * @returns {Promise<Listed>} `seconds` from starting the program to having the whole list
 */
export async function listDocument(converter, file, limitMs) {
  const start = performance.now();
  const client = new StdioClient(converter.start(file, NOWHERE), limitMs);
  const seconds = () => (performance.now() - start) / 1000;
  try {
    await client.initialize();
    const tools = await client.listTools();
    const taken = seconds();
    return {
      file,
      tools: tools.length,
      rootless: tools.filter(({ inputSchema }) => judgeRoot(inputSchema).length > 0).length,
      dangling: tools.filter(({ inputSchema }) => judgeInside(inputSchema).some((problem) => problem.includes('leads nowhere'))).length,
      bytes: tools.reduce((total, tool) => total + JSON.stringify(tool).length, 0),
      seconds: taken,
    };
  } catch (error) {
    return { file, error: error instanceof Error ? error.message : String(error), tools: 0, rootless: 0, dangling: 0, bytes: 0, seconds: seconds() };
  } finally {
    client.close();
  }
}
