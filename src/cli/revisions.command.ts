import { parseArgs } from 'node:util';
import { countChanges } from '../catalog/approval.js';
import { documentKey } from '../catalog/document.key.js';
import { StoredDocuments, type StoredDocument } from '../catalog/stored-documents.js';
import type { RevisionContent } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { adoptDocument } from '../database/revisions.apply.js';
import { TenantDatabase } from '../tenancy/tenant.database.js';
import { TenantEntity } from '../tenancy/tenant.entity.js';
import { withApplied } from './applied.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { describeChanges } from './openapi/diff.js';
import { UsageError } from './usage.error.js';

/** The stored documents of the applied configuration's APIs, and definitions of its servers. */
interface Store {
  readonly content: RevisionContent;
  documentsOf(key: string): Promise<StoredDocuments>;
  adopt(key: string, hash: string): Promise<boolean>;
}

/** Lists the stored documents of all APIs, or of one with every change that waits; as JSON with the import report of each. */
export async function revisions(args: readonly string[], environment: Environment): Promise<number> {
  const { config, positionals, isJson } = readOptions(args, environment, 1);
  return withStore(config, environment, async ({ content, documentsOf }) => {
    const [wanted] = positionals;
    const keys = keysOf(content).filter((key) => wanted === undefined || key === wanted);
    if (wanted !== undefined && keys.length === 0) throw unknownApi(wanted, content);
    for (const key of keys) {
      const documents = await (await documentsOf(key)).list(nameIn(key));
      if (isJson) {
        console.log(JSON.stringify({ api: key, inForce: content.documents[key], documents }, null, 2));
        continue;
      }
      console.log([key, ...documents.map((document) => describeDocument(document, content.documents[key]))].join('\n'));
      if (wanted !== undefined) for (const { changes } of documents.filter(({ state }) => state === 'waiting')) console.log(describeChanges(changes));
    }
    return 0;
  });
}

/** Puts a document in force: the one that waits, or the one that is named. */
export async function approve(args: readonly string[], environment: Environment): Promise<number> {
  return decide(args, environment, 'approved');
}

/** Keeps a document from ever coming into force by itself. */
export async function reject(args: readonly string[], environment: Environment): Promise<number> {
  return decide(args, environment, 'rejected');
}

async function decide(args: readonly string[], environment: Environment, decision: 'approved' | 'rejected'): Promise<number> {
  const { config, positionals } = readOptions(args, environment, 2);
  const [key, hash] = positionals;
  if (key === undefined) throw new UsageError('name the API as TENANT/API');
  return withStore(config, environment, async ({ content, documentsOf, adopt }) => {
    const inForce = content.documents[key];
    if (inForce === undefined) throw unknownApi(key, content);
    const documents = await documentsOf(key);
    const chosen = chooseDocument(await documents.list(nameIn(key)), hash);
    if (chosen === undefined) throw problem(key, hash === undefined ? 'has no document that waits for approval' : `has no document, or more than one, whose hash begins with ${hash}`);
    if (decision === 'rejected' && chosen.hash === inForce) throw problem(key, 'has this document in force; approve another one first');
    await documents.decide(nameIn(key), chosen.hash, decision);
    if (decision === 'approved' && chosen.hash !== inForce && !(await adopt(key, chosen.hash))) throw problem(key, 'got another document in force meanwhile; look again and decide again');
    console.log(`document ${chosen.hash.slice(0, 12)} of ${key} is ${decision === 'approved' ? 'in force' : 'rejected'}`);
    return 0;
  });
}

function readOptions(args: readonly string[], environment: Environment, most: number): { readonly config: string | undefined; readonly positionals: readonly string[]; readonly isJson: boolean } {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { config: { type: 'string', short: 'c' }, json: { type: 'boolean' } } });
  if (positionals.length > most) throw new UsageError(`"${positionals[most]}" is one argument too many`);
  return { config: chooseConfiguration(values.config, environment), positionals, isJson: values.json === true };
}

async function withStore(config: string | undefined, environment: Environment, work: (store: Store) => Promise<number>): Promise<number> {
  return withApplied(config, environment, ({ source, content }) =>
    work({
      content,
      documentsOf: async (key) => new StoredDocuments(new TenantDatabase(source), await source.getRepository(TenantEntity).findOneByOrFail({ name: key.split('/')[0] ?? '' })),
      adopt: async (key, hash) => (await adoptDocument(source, key, content.documents[key] ?? '', hash)) !== undefined,
    }),
  );
}

const nameIn = (key: string): string => key.slice(key.indexOf('/') + 1);

function chooseDocument(documents: readonly StoredDocument[], hash: string | undefined): StoredDocument | undefined {
  const fitting = documents.filter((document) => (hash === undefined ? document.state === 'waiting' : document.hash.startsWith(hash)));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function describeDocument({ hash, state, changes, createdAt }: StoredDocument, inForce: string | undefined): string {
  const status = hash === inForce ? 'in force' : state;
  return `  ${hash.slice(0, 12)}  ${createdAt.toISOString().slice(0, 19)}Z  ${status.padEnd(10)}  ${countChanges(changes)}`.trimEnd();
}

function unknownApi(key: string, content: RevisionContent): CommandError {
  return problem(key, `is no API or server of the applied configuration; it has ${keysOf(content).join(', ') || 'none'}`);
}

const keysOf = ({ settings }: Pick<RevisionContent, 'settings'>): readonly string[] => [...settings.apis, ...settings.servers].map(documentKey);

const problem = (key: string, message: string): CommandError => new CommandError(`${key} ${message}`);
