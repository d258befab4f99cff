import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Secret } from '@gatehouse-mcp/oauth';
import { Client } from 'pg';
import { clientOptions } from './database.options.js';

/** Topic that moves when an administrator revokes credentials. */
export const revocationsTopic = 'revocations';

const channel = 'gatehouse_epochs';
const pollMs = 2_000;

export type ChangeListener = () => void | Promise<void>;

/** What `bump` needs of a connection: pg's client and TypeORM's manager both have it. */
export interface Statements {
  query(sql: string, parameters: string[]): Promise<unknown>;
}

/** Moves the epoch of a topic inside the caller's transaction: replicas re-read what it names once this commits. */
export async function bump(transaction: Statements, topic: string): Promise<void> {
  await transaction.query(
    `INSERT INTO gatehouse.epochs AS e (topic, value) VALUES ($1, 1) ON CONFLICT (topic) DO UPDATE SET value = e.value + 1`,
    [topic],
  );
  await transaction.query('SELECT pg_notify($1, $2)', [channel, topic]);
}

/**
 * Tells listeners that a topic's epoch moved. NOTIFY is only a hint that makes it fast: every two seconds and after
 * each reconnect the epochs themselves are read, so a lost notification costs two seconds.
 */
@Injectable()
export class ChangeFeed implements OnApplicationShutdown {
  readonly #logger = new Logger(ChangeFeed.name);
  readonly #directUrl: Secret;
  readonly #seen = new Map<string, string>();
  readonly #listeners = new Map<string, Set<ChangeListener>>();
  #client: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(directUrl: Secret) {
    this.#directUrl = directUrl;
  }

  /** Reads the epochs once, so that whatever is loaded afterwards is never older than what was seen. */
  async start(): Promise<void> {
    await this.#read(false);
    this.#timer = setInterval(() => void this.refresh(), pollMs);
    this.#timer.unref();
  }

  /** Calls the listener after each move of the topic's epoch; returns how to stop. A listener that throws is called again. */
  on(topic: string, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Reads the epochs now; one read at a time, and one more when asked during a read. */
  async refresh(): Promise<void> {
    if (this.#closed) return;
    if (this.#reading) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#refreshUntilQuiet().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #refreshUntilQuiet(): Promise<void> {
    do {
      this.#again = false;
      try {
        await this.#read(true);
      } catch (error) {
        this.#drop();
        if (!this.#closed) this.#logger.warn(`epochs not read, trying again: ${error instanceof Error ? error.message : 'unknown error'}`);
      }
    } while (this.#again && !this.#closed);
  }

  async #read(notify: boolean): Promise<void> {
    const client = this.#client ?? (await this.#connect());
    const epochs = await client.query<{ topic: string; value: string }>('SELECT topic, value FROM gatehouse.epochs');
    for (const { topic, value } of epochs.rows) {
      if (this.#seen.get(topic) === value) continue;
      // A failed listener leaves the epoch unseen, so that the next read calls it again.
      if (!notify || (await this.#tell(topic))) this.#seen.set(topic, value);
    }
  }

  async #tell(topic: string): Promise<boolean> {
    let succeeded = true;
    for (const listener of this.#listeners.get(topic) ?? []) {
      try {
        await listener();
      } catch (error) {
        succeeded = false;
        this.#logger.warn(`${topic} changed but was not taken over, trying again: ${error instanceof Error ? error.message : 'unknown error'}`);
      }
    }
    return succeeded;
  }

  async #connect(): Promise<Client> {
    const client = new Client({ ...clientOptions(this.#directUrl, 'gatehouse-changes'), query_timeout: pollMs });
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    client.on('notification', () => void this.refresh());
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    return client;
  }

  #drop(client = this.#client): void {
    if (client === undefined || client !== this.#client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
  }
}
