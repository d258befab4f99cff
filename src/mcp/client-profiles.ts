import { compilePatterns } from '../catalog/entry-pattern.js';

/**
 * The profile of clients that are known by their `clientInfo.name`. A name alone is where a client says who it is; some append to it
 * (`claude-ai (via mcp-remote 0.1.37)`), hence the `*`. Sources, read in November 2026: (1) github.com/apify/mcp-client-capabilities,
 * mcp-clients.json, a register of names met by servers; (2) github.com/google-gemini/gemini-cli, packages/core/src/tools/mcp-client.ts, which
 * puts the name of the server behind it; (3) github.com/screenpipe/screenpipe pull request 5796, names observed at the handshake;
 * (4) tests of public servers that answer ChatGPT under the name that it gives today.
 */
const KNOWN_CLIENTS: readonly (readonly [pattern: string, profile: string])[] = [
  ['claude-ai*', 'anthropic'], // (1)
  ['claude-code*', 'anthropic'], // (1) (3)
  ['ChatGPT', 'openai'], // (1)
  ['openai-mcp*', 'openai'], // (4)
  ['codex-mcp-client*', 'openai'], // (1) (3)
  ['gemini-cli-mcp-client*', 'gemini'], // (1) (2)
  ['cursor-vscode*', 'cursor'], // (1)
  ['Visual Studio Code*', 'vscode'], // (1)
  ['Visual-Studio-Code*', 'vscode'], // (1)
];

const LONGEST_NAME = 200;

/** The profile of the client with this `clientInfo.name`, whatever that is; undefined for a client that nobody knows. */
export type FindProfile = (name: unknown) => string | undefined;

/** @param configured `tools.profiles`: patterns in the order of the file, before what is known here */
export function createFindProfile(configured: Readonly<Record<string, string>>): FindProfile {
  const rules = [...Object.entries(configured), ...KNOWN_CLIENTS].map(([pattern, profile]) => ({ isNamed: compilePatterns([pattern]), profile }));
  return (name) => (typeof name === 'string' && name.length <= LONGEST_NAME ? rules.find(({ isNamed }) => isNamed(name))?.profile : undefined);
}
