import { hash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '@gatehouse-mcp/oauth';
import { z } from 'zod';
import { assertPrivate } from './cache.folder.js';

const sessionSchema = z.strictObject({
  /** The endpoint, for whoever looks into the folder; the file's name is its hash. */
  url: z.string(),
  issuer: z.string(),
  client: z.strictObject({ id: z.string(), secret: z.string().optional(), redirectUri: z.string().optional() }),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** As granted; undefined when the server did not say. */
  scope: z.string().optional(),
  /** Milliseconds since the epoch. */
  obtainedAt: z.number(),
  expiresAt: z.number().optional(),
});

/** What is kept of a sign-in at one endpoint. */
export type KeptSession = z.infer<typeof sessionSchema>;

/** One endpoint's session with one client, in a file that is its user's alone. */
export class SessionStore {
  readonly path: string;
  readonly #folder: string;

  /** @param client tells this client from others of the same endpoint */
  constructor(folder: string, url: URL, client: string) {
    this.#folder = folder;
    this.path = join(folder, `${hash('sha256', JSON.stringify([url.href, client])).slice(0, 32)}.json`);
  }

  /** @returns undefined when there is none, or one of another version @throws CommandError when others can read it */
  read(): KeptSession | undefined {
    let text: string;
    try {
      assertPrivate(this.path, '600');
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    return sessionSchema.safeParse(parse(text)).data;
  }

  /** On disk before it returns: a refresh token that was used up must not be all that a crash leaves. */
  write(session: KeptSession): void {
    const draft = join(this.#folder, `.${randomUUID()}.tmp`);
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeSync(file, `${JSON.stringify(session)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      renameSync(draft, this.path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
