import type { CallContext } from '../../context/call-context.js';
import { GatewayError } from '../../errors/gateway.error.js';

/** RFC 5424 severities, as MCP has them. */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert' | 'emergency';

/** A validator that also says its JSON Schema: zod and every other library of Standard Schema with JSON Schema. */
export interface InputSchema<Input = unknown> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Validation<Input> | Promise<Validation<Input>>;
    readonly jsonSchema: { readonly input: (options: { readonly target: 'draft-2020-12' }) => Readonly<Record<string, unknown>> };
  };
}

type Validation<Input> = { readonly value: Input; readonly issues?: undefined } | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** One statement of a transaction, with `$1` for the first of its values. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** A request to an API; header names that say who asks are the gateway's to set. */
export interface ApiRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Values that JSON can write, each for a while; those of one user and group of entries. A cache may forget anything at any time. */
export interface UserCache {
  get(key: string): Promise<unknown>;
  /** @param ttl milliseconds */
  set(key: string, value: unknown, ttl: number): Promise<void>;
  delete(key: string): Promise<void>;
}

/** What a handler can use, all of it as the caller and in the caller's tenant. */
export interface NativeServices {
  /** Runs work in one transaction in the tenant's schema, where personal tables show the caller's rows alone: commits when it resolves, rolls back when it throws. */
  database<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** Makes a request to an API of the configuration, with the credential that its chain has for the caller. @param path from `/` on, behind the API's base URL */
  fetch(api: string, path: string, request?: ApiRequest): Promise<Response>;
  readonly cache: UserCache;
}

/** What a handler knows of its call, can use for it, and can say before its result. */
export interface NativeCall extends CallContext, NativeServices {
  /** What the client declared that it can do, in MCP's own words; nothing where nobody knows. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Answers to what an earlier round asked for ({@link InputNeeded}), by name; what was not answered is not there. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What the earlier round kept; it comes back only to the same user, for the same call, and unchanged. */
  readonly state: unknown;
  /** Towards a client that asked for it. */
  progress(progress: number, total?: number, message?: string): void;
  /** Towards a client that wants entries of this level. */
  log(level: LogLevel, data: unknown): void;
}

/** A request that the client answers before the call goes on (2026-07-28, multi round-trip requests). */
export interface InputRequest {
  readonly method: 'elicitation/create' | 'sampling/createMessage' | 'roots/list';
  readonly params: Readonly<Record<string, unknown>>;
}

/** A handler's result that asks for more: the client calls again, with the answers and the state. */
export class InputNeeded {
  constructor(
    readonly requests: Readonly<Record<string, InputRequest>>,
    readonly state?: unknown,
  ) {}
}

/** Thrown by a handler that does not do what it was asked: the message is for the model and its user. */
export class Refused extends GatewayError {
  constructor(message: string) {
    super({ code: 'refused', status: 400 }, message);
  }
}

/** Thrown by the handler of a template for variables that stand for nothing: the same answer as for any other resource that is not there. */
export class NotFound extends GatewayError {
  constructor() {
    super({ code: 'unknown_entry', status: 404 }, 'there is no such resource');
  }
}

/** What every entry says of itself. */
interface Definition {
  /** Behind the group's name and `_` for a tool or prompt; behind `group.` in patterns of the configuration. */
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  /** Scopes or roles that a caller must have, all of them. */
  readonly scopes?: readonly string[];
}

export interface ToolDefinition extends Definition {
  readonly input?: InputSchema;
  readonly annotations?: Readonly<Record<string, boolean | string>>;
  /** Capabilities without which a client cannot use it, such as `elicitation`. */
  readonly needs?: readonly string[];
}

export interface ResourceDefinition extends Definition {
  /** A URI, or an RFC 6570 template of simple expressions, whose variables are the handler's input. */
  readonly uri: string;
  readonly mimeType?: string;
  readonly complete?: Completions;
}

export interface PromptDefinition extends Definition {
  readonly arguments?: readonly { readonly name: string; readonly description?: string; readonly required?: boolean }[];
  readonly complete?: Completions;
}

/** Suggestions for arguments or variables, by name. */
export type Completions = Readonly<Record<string, (value: string, call: CallContext & NativeServices, others: Readonly<Record<string, string>>) => readonly string[] | Promise<readonly string[]>>>;

/** A method that is an entry, and what it said of itself. */
export type NativeDefinition =
  | ({ readonly kind: 'tool' } & ToolDefinition)
  | ({ readonly kind: 'resource' } & ResourceDefinition)
  | ({ readonly kind: 'prompt' } & PromptDefinition);
