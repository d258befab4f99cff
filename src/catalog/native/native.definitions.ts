import type { CallContext } from '../../context/call-context.js';

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

/** What a handler knows of its call, and can say before its result. */
export interface NativeCall extends CallContext {
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
export type Completions = Readonly<Record<string, (value: string, call: CallContext, others: Readonly<Record<string, string>>) => readonly string[] | Promise<readonly string[]>>>;

/** A method that is an entry, and what it said of itself. */
export type NativeDefinition =
  | ({ readonly kind: 'tool' } & ToolDefinition)
  | ({ readonly kind: 'resource' } & ResourceDefinition)
  | ({ readonly kind: 'prompt' } & PromptDefinition);
