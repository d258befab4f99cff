import type { Secret } from '@gatehouse-mcp/oauth';
import { Client } from 'pg';
import { databaseCode, isDatabaseUnavailable } from '../database/database.error.js';
import { clientOptions } from '../database/database.options.js';
import { auditRole, quoteIdentifier } from '../database/identifiers.js';
import type { PlacedRecord, TenantGroup } from './audit.chains.js';

const timeoutMs = 5_000;
const begin = `BEGIN; SET LOCAL ROLE ${auditRole}; SET LOCAL statement_timeout = ${timeoutMs}`;

/**
 * How a group ended. `refused`: rolled back because of one tenant's rows; `failed`: rolled back, or never sent, because of
 * the database itself; `unknown`: the connection was lost before COMMIT was answered.
 */
export type WriteOutcome = { readonly state: 'committed' } | { readonly state: 'refused' | 'failed' | 'unknown'; readonly cause: unknown };

/** Writes groups over one connection of its own, whose statements are pipelined: a group costs one round trip. */
export class AuditStore {
  readonly #url: Secret;
  #client: Client | undefined;

  constructor(url: Secret) {
    this.#url = url;
  }

  /** One transaction for the whole group. Never throws. */
  async write(groups: readonly TenantGroup[]): Promise<WriteOutcome> {
    return this.#transact(groups.map((group) => ({ sql: insertInto(group), parameters: [group.tenant.id, toJson(group.records)] })));
  }

  /** Whether a transaction that must reach the disk succeeds now. */
  async probe(): Promise<WriteOutcome> {
    // An assigned transaction id makes COMMIT write and flush WAL.
    return this.#transact([{ sql: 'SELECT pg_current_xact_id()', parameters: [] }]);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #transact(statements: readonly { readonly sql: string; readonly parameters: readonly string[] }[]): Promise<WriteOutcome> {
    let client: Client;
    try {
      client = this.#client ?? (await this.#connect());
    } catch (cause) {
      return { state: 'failed', cause };
    }
    const begun = client.query(begin);
    const written = statements.map(({ sql, parameters }) => client.query(sql, [...parameters]));
    const committed = client.query('COMMIT');
    const [opened, ended, ...results] = await Promise.allSettled([begun, committed, ...written]);
    const outcome = judge(opened, ended, results);
    if (outcome.state !== 'committed' && isDatabaseUnavailable(outcome.cause)) this.#drop(client);
    return outcome;
  }

  async #connect(): Promise<Client> {
    const client = new Client({ ...clientOptions(this.#url, 'gatehouse-audit'), query_timeout: timeoutMs, pipeline: true });
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #drop(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
  }
}

type Settled = PromiseSettledResult<{ readonly command: string }>;

/** Judges the pipelined answers: only COMMIT answered by COMMIT is durable, only a lost answer is unknown. */
function judge(opened: Settled, ended: Settled, results: readonly Settled[]): WriteOutcome {
  const failure = [opened, ...results].find((result) => result.status === 'rejected' && hasState(result.reason));
  if (failure?.status === 'rejected') {
    const ofRows = failure !== opened && !isDatabaseUnavailable(failure.reason);
    return { state: ofRows ? 'refused' : 'failed', cause: failure.reason };
  }
  if (ended.status === 'rejected') return { state: hasState(ended.reason) && !isDatabaseUnavailable(ended.reason) ? 'failed' : 'unknown', cause: ended.reason };
  if (ended.value.command !== 'COMMIT') return { state: 'failed', cause: new Error(`COMMIT was answered by ${ended.value.command}`) };
  return { state: 'committed' };
}

/** The server itself reported this failure, so the transaction it stands in is rolled back for certain. */
function hasState(error: unknown): boolean {
  return databaseCode(error)?.length === 5;
}

const columns = `writer uuid, seq bigint, prev_hash bytea, hash bytea, call_id text, kind text, at timestamptz, request_id text,
  issuer text, subject text, client_id text, actor text, api text, tool text, decision text, result text,
  upstream_status integer, duration_ms double precision, scopes text[], argument_digest text, address text`;
const names = columns.replaceAll(/ (uuid|bigint|bytea|text\[\]|text|timestamptz|integer|double precision)/g, '');

function insertInto(group: TenantGroup): string {
  return (
    `INSERT INTO ${quoteIdentifier(group.tenant.schema)}.audit (tenant_id, ${names}) ` +
    `SELECT $1::uuid, ${names} FROM json_to_recordset($2::json) AS rows (${columns})`
  );
}

function toJson(records: readonly PlacedRecord[]): string {
  return JSON.stringify(
    records.map(({ writer, sequence, previousHash, hash, record }) => ({
      writer,
      seq: sequence,
      prev_hash: `\\x${previousHash.toString('hex')}`,
      hash: `\\x${hash.toString('hex')}`,
      call_id: record.callId,
      kind: record.kind,
      at: record.at,
      request_id: record.requestId,
      issuer: record.issuer,
      subject: record.subject,
      client_id: record.clientId,
      actor: record.actor,
      api: record.api,
      tool: record.tool,
      decision: record.decision,
      result: record.result,
      upstream_status: record.upstreamStatus,
      duration_ms: record.durationMs,
      scopes: record.scopes,
      argument_digest: record.argumentDigest,
      address: record.address,
    })),
  );
}
