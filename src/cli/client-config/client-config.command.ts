import { parseArgs } from 'node:util';
import { loadConfiguration } from '../../config/configuration.file.js';
import type { Environment } from '../../config/environment.js';
import { chooseConfiguration } from '../configured.command.js';
import { UsageError } from '../usage.error.js';
import { clientGuides, type GuideInput } from './client.guides.js';

/** Prints how a host is told about the gateway: the snippet alone on standard output, where it goes and what to know on standard error. */
export async function clientConfig(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { url: { type: 'string' }, config: { type: 'string', short: 'c' } } });
  const [name, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`client-config takes one name, not ${positionals.length}`);
  if (name === undefined) {
    for (const [known, describe] of Object.entries(clientGuides)) console.log(`${known.padEnd(16)}${describe(EXAMPLE).title}`);
    return 0;
  }
  const describe = Object.hasOwn(clientGuides, name) ? clientGuides[name] : undefined;
  if (!describe) throw new UsageError(`there is no client "${name}"; there are ${Object.keys(clientGuides).join(', ')}`);
  const url = values.url === undefined ? urlOfConfiguration(values.config, environment) : readUrl(values.url);
  const { title, where, snippet, notes } = describe({ url, program: programOf() });
  console.error([`${title}:`, ...where.map((line) => `  ${line}`)].join('\n'));
  console.log(snippet);
  for (const note of notes) console.error(note);
  return 0;
}

const EXAMPLE: GuideInput = { url: 'https://mcp.acme.example/mcp', program: ['gatehouse'] };

/** The command that runs now, with its absolute paths. */
const programOf = (): GuideInput['program'] => [process.execPath, ...process.argv.slice(1, 2)];

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Only what no shell reads as its own: two of the snippets are commands.
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || !/^[A-Za-z0-9:/.\-_~%[\]]+$/.test(url.href)) throw new UsageError('--url must be the http or https URL of an MCP endpoint');
  if (url.pathname === '/') console.error(`--url has no path; the endpoint of a Gatehouse is ${url.origin}/mcp`);
  return url.href;
}

function urlOfConfiguration(named: string | undefined, environment: Environment): string {
  let file: string | undefined;
  try {
    file = chooseConfiguration(named, environment);
  } catch {
    throw new UsageError('--url URL is missing, and there is no gatehouse.yaml here to take it from');
  }
  return `${loadConfiguration(file, environment).settings.publicUrls[0]}/mcp`;
}
