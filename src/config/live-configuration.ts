import type { Egress } from '@gatehouse-mcp/egress';
import type { Secret } from '@gatehouse-mcp/oauth';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '../database/change-feed.js';
import { configurationTopic, loadNewestRevision } from '../database/revisions.apply.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration.error.js';
import { deepFreeze } from './configuration.file.js';
import { revisionSchema, type LiveSettings } from './configuration.schema.js';
import { describeRefusedHosts } from './egress.endpoints.js';
import { createEgress } from './live-egress.js';
import { readSecrets } from './live-secrets.js';
import { SecretReader } from './secret-reference.js';
import { checkProduction } from './sign-in.checks.js';
import { ENVIRONMENT, type GatewayEnvironment } from './start-settings.js';

/** How often files of secrets are read again, in milliseconds: a platform renews them in place. */
const SECRETS_MS = 10_000;
/** Lines about hosts that a revision names and egress refuses. */
const MOST_NOTICES = 20;

/** One applied revision: frozen settings, and what the secret references in them stand for. */
export interface LiveSnapshot {
  /** Number of the applied revision, and behind a dot how often its secrets were read anew: what was made with others is not it. */
  readonly revision: string;
  readonly settings: LiveSettings;
  /** SHA-256 of the OpenAPI document in force, by `<tenant>/<api>`; the tenant's schema holds the document itself. */
  readonly documents: Readonly<Record<string, string>>;
  /** Texts of the operator's overlays, by the same key. */
  readonly overlays: Readonly<Record<string, readonly string[]>>;
  readonly egress: Egress;
  /** By reference, such as `env:NAME`. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** Makes what a module needs of a revision, and returns how to take it over; throws when the revision is of no use to it. */
export type Preparation = (snapshot: LiveSnapshot) => Promise<() => void>;

/**
 * The part of the configuration that changes while replicas run: the newest revision that `apply` stored. A revision is
 * taken over whole or not at all; the one before it serves on.
 */
@Injectable()
export class LiveConfiguration implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(LiveConfiguration.name);
  readonly #preparations: Preparation[] = [];
  #snapshot: LiveSnapshot | undefined;
  #stop: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Why changed secrets were refused, so that this is said once. */
  #problem: string | undefined;
  #readings = 0;
  /** One load at a time: an older one must not end last. */
  #loading: Promise<void> = Promise.resolve();

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(ChangeFeed) private readonly feed: ChangeFeed,
    private readonly secrets: SecretReader,
    @Inject(ENVIRONMENT) private readonly environment: GatewayEnvironment,
  ) {}

  get current(): LiveSnapshot {
    if (!this.#snapshot) throw new Error('the live configuration is not loaded yet');
    return this.#snapshot;
  }

  /** What a reference of the current settings stands for. */
  secret(reference: string): Secret {
    const secret = this.current.secrets.get(reference);
    if (!secret) throw new Error('a secret of the current settings was not read');
    return secret;
  }

  /** A revision is taken over once all that follow it have prepared for it; the first one at once. */
  async follow(prepare: Preparation): Promise<void> {
    this.#preparations.push(prepare);
    if (this.#snapshot) (await prepare(this.#snapshot))();
  }

  async onModuleInit(): Promise<void> {
    await this.#load();
    this.#stop = this.feed.on(configurationTopic, async () => {
      try {
        await this.#load();
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        this.#logger.error(`the new revision is refused, revision ${this.current.revision} serves on. ${error.message}`);
      }
    });
    this.#timer = setInterval(() => void this.readSecretsAgain(), SECRETS_MS).unref();
  }

  onApplicationShutdown(): void {
    this.#stop?.();
    clearInterval(this.#timer);
  }

  /** Takes over secrets that were changed in their files since; ones that are of no use are refused whole, and those before serve on. */
  async readSecretsAgain(): Promise<void> {
    const { settings, secrets } = this.current;
    try {
      if (!isSame(readSecrets(settings, this.secrets), secrets)) {
        this.#readings += 1;
        await this.#load();
        this.#logger.log('secrets have changed and are in use');
      }
      this.#problem = undefined;
    } catch (error) {
      // Without the database the next reading tries again.
      if (!(error instanceof ConfigurationError) || error.message === this.#problem) return;
      this.#problem = error.message;
      this.#logger.error(`changed secrets are refused, those before serve on. ${error.message}`);
    }
  }

  #load(): Promise<void> {
    const load = this.#loading.then(() => this.#loadNewest());
    this.#loading = load.catch(() => undefined);
    return load;
  }

  async #loadNewest(): Promise<void> {
    const stored = await loadNewestRevision(this.source);
    if (!stored) {
      throw new ConfigurationError('the database', [{ path: '', message: 'holds no applied configuration yet; run "gatehouse apply --config FILE" first' }]);
    }
    const revision = this.#readings === 0 ? stored.id : `${stored.id}.${this.#readings}`;
    const snapshot = readSnapshot(revision, stored.content, this.secrets, this.environment);
    const takeOver = await Promise.all(this.#preparations.map((prepare) => prepare(snapshot)));
    this.#snapshot = snapshot;
    for (const take of takeOver) take();
    for (const line of describeRefusedHosts(snapshot.settings, snapshot.egress).slice(0, MOST_NOTICES)) this.#logger.warn(line);
  }
}

const isSame = (one: LiveSnapshot['secrets'], other: LiveSnapshot['secrets']): boolean => one.size === other.size && [...one].every(([reference, secret]) => other.get(reference)?.reveal() === secret.reveal());

/** @throws ConfigurationError when this version of Gatehouse does not know the revision's keys, or a secret is missing */
function readSnapshot(revision: string, content: unknown, reader: SecretReader, environment: GatewayEnvironment): LiveSnapshot {
  const result = revisionSchema.safeParse(content);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new ConfigurationError(`revision ${revision}`, problems);
  }
  const { settings, documents, overlays } = deepFreeze(result.data);
  // A revision may have been applied where the environment is another one than this process's.
  const dangers: ConfigurationProblem[] = [];
  if (environment === 'production') checkProduction(settings.providers, (path, message) => dangers.push({ path: path.join('.'), message }));
  if (dangers.length > 0) throw new ConfigurationError(`revision ${revision}`, dangers);
  const secrets = readSecrets(settings, reader);
  return Object.freeze({ revision, settings, documents, overlays, egress: createEgress(settings, secrets, reader.noProxy), secrets });
}
