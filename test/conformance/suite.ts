import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';

const PACKAGE = join(process.env['CONFORMANCE_PACKAGES'] ?? '', '@modelcontextprotocol/conformance');

/** A check of a scenario that the suite did not call a success. */
export interface Finding {
  readonly scenario: string;
  readonly check: string;
  readonly status: 'FAILURE' | 'WARNING';
  readonly message: string;
}

/** What a revision's run brought. */
export interface SuiteReport {
  /** The scenarios that the revision requires of a server. */
  readonly required: readonly string[];
  /** Scenarios that ran, required or not. */
  readonly ran: readonly string[];
  readonly findings: readonly Finding[];
}

/** Runs what a revision requires against a server, and reads what the suite has saved of each scenario. */
export async function runSuite(url: string, revision: string): Promise<SuiteReport> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'));
  try {
    const child = spawn(process.execPath, [join(PACKAGE, 'dist/index.js'), 'server', '--url', url, '--requirements', revision, '--output-dir', folder], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('close', resolve));
    const results = await Promise.all((await readdir(folder)).map(async (name) => ({ scenario: nameOf(name), checks: JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8')) as readonly Check[] })));
    return { required: await readRequired(revision), ran: results.map(({ scenario }) => scenario), findings: results.flatMap(({ scenario, checks }) => checks.flatMap((check) => findingOf(scenario, check))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Check {
  readonly id: string;
  readonly status: string;
  readonly errorMessage?: string;
}

/** `server-NAME-TIMESTAMP`. */
const nameOf = (folder: string): string => folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');

const findingOf = (scenario: string, { id, status, errorMessage = '' }: Check): readonly Finding[] => (status === 'FAILURE' || status === 'WARNING' ? [{ scenario, check: id, status, message: errorMessage }] : []);

async function readRequired(revision: string): Promise<readonly string[]> {
  const { server } = load(await readFile(join(PACKAGE, `requirements/${revision}.yaml`), 'utf8')) as { readonly server: readonly string[] };
  return server;
}
