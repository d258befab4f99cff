import { isArray, isObject, isWithinDepth, own, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';

/** What is said of one argument: hidden with a fixed value (bound as if given), or another description and what is sent when a call leaves it out. */
export interface ArgumentOverride {
  readonly hidden?: true;
  readonly value?: JsonValue;
  readonly description?: string;
  readonly default?: JsonValue;
}

export const argumentModes = ['flat', 'nested'] as const;
export type ArgumentMode = (typeof argumentModes)[number];

/** One shape for an owner's curation of an operation and for `x-mcp` in a document (openapi.md decision 16). */
export interface OperationOverride {
  readonly enabled?: boolean;
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly annotations?: {
    readonly readOnlyHint?: boolean;
    readonly destructiveHint?: boolean;
    readonly idempotentHint?: boolean;
    readonly openWorldHint?: boolean;
  };
  /** Replaces the required scopes: all of them are needed; empty: none. */
  readonly scopes?: readonly string[];
  /** `projection`: the JSONPath of all that a result may show. */
  readonly response?: { readonly projection: string };
  /** Example arguments, each an object. */
  readonly examples?: readonly JsonObject[];
  /** By argument or parameter name. */
  readonly arguments?: Readonly<Record<string, ArgumentOverride>>;
  /** Whether the arguments stand side by side, or in one object for each place of the request (openapi.md decision 6). */
  readonly argumentMode?: ArgumentMode;
  /** Whether a call may choose among the media types of the body (openapi.md decision 9). */
  readonly contentTypeArgument?: boolean;
}

/** What could be read, and a sentence for each field that could not. */
export interface ReadOverride {
  readonly override: OperationOverride;
  readonly problems: readonly string[];
}

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
const maxText = 4_096;
const maxDepth = 64;

/**
 * Reads the shape from untyped data, strictly: every unknown or wrong field is named in `problems` with its path and left out, the
 * others are kept (a misspelt `name` must not undo `enabled: false`). Who reads an owner's file refuses it when there are problems.
 */
export function readOperationOverride(value: unknown): ReadOverride {
  // Configuration and documents are JSON by the time they are read here; each field is checked below.
  const written = value as JsonValue;
  if (!isObject(written)) return { override: {}, problems: ['It is not an object.'] };
  const problems: string[] = [];
  const draft: JsonDraft = {};
  for (const [field, member] of Object.entries(written)) {
    if (field.startsWith('x-')) continue;
    const read = Object.hasOwn(readers, field) ? readers[field] : undefined;
    const accepted = !isWithinDepth(member, maxDepth) ? tooDeep(field, problems) : read === undefined ? unknownField(field, problems) : read(member, field, problems);
    if (accepted !== undefined) put(draft, field, accepted);
  }
  // Each member was made by the reader of its field.
  return { override: draft as OperationOverride, problems };
}

type FieldReader = (value: JsonValue, field: string, problems: string[]) => JsonValue | undefined;

const readers: Readonly<Record<string, FieldReader>> = {
  enabled: readFlag,
  name: readText,
  title: readText,
  description: readText,
  annotations: readAnnotations,
  scopes: readScopes,
  response: readResponse,
  examples: readExamples,
  arguments: readArguments,
  argumentMode: readMode,
  contentTypeArgument: readFlag,
};

function unknownField(field: string, problems: string[]): undefined {
  problems.push(`"${field.slice(0, 80)}" is no known field.`);
}

function tooDeep(field: string, problems: string[]): undefined {
  problems.push(`"${field.slice(0, 80)}" is nested too deeply.`);
}

function readFlag(value: JsonValue, field: string, problems: string[]): boolean | undefined {
  if (typeof value === 'boolean') return value;
  problems.push(`"${field}" must be true or false.`);
  return undefined;
}

function readMode(value: JsonValue, field: string, problems: string[]): ArgumentMode | undefined {
  const mode = argumentModes.find((known) => known === value);
  if (mode === undefined) problems.push(`"${field}" must be one of ${argumentModes.join(', ')}.`);
  return mode;
}

function readText(value: JsonValue, field: string, problems: string[]): string | undefined {
  if (typeof value === 'string' && value.trim() !== '' && value.length <= maxText) return value.trim();
  problems.push(`"${field}" must be a text of 1 to ${maxText} characters.`);
  return undefined;
}

function readObject(value: JsonValue, field: string, problems: string[]): JsonObject | undefined {
  if (isObject(value)) return value;
  problems.push(`"${field}" must be an object.`);
  return undefined;
}

function readResponse(value: JsonValue, field: string, problems: string[]): JsonObject | undefined {
  const written = readObject(value, field, problems);
  const unknown = Object.keys(written ?? {}).find((name) => name !== 'projection');
  if (unknown !== undefined) return unknownField(`${field}.${unknown}`, problems);
  const projection = written === undefined ? undefined : readText(own(written, 'projection') ?? null, `${field}.projection`, problems);
  return projection === undefined ? undefined : { projection };
}

function readAnnotations(value: JsonValue, field: string, problems: string[]): JsonObject | undefined {
  const written = readObject(value, field, problems);
  if (written === undefined) return undefined;
  const draft: JsonDraft = {};
  for (const [name, flag] of Object.entries(written)) {
    const read = hints.includes(name) ? readFlag(flag, `${field}.${name}`, problems) : unknownField(`${field}.${name}`, problems);
    if (read !== undefined) draft[name] = read;
  }
  return draft;
}

function readScopes(value: JsonValue, field: string, problems: string[]): readonly string[] | undefined {
  const isList = isArray(value) && value.every((scope) => typeof scope === 'string' && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
  if (isList) return [...new Set(value.filter((scope) => typeof scope === 'string'))];
  problems.push(`"${field}" must be a list of scopes (RFC 6749: no spaces or quotes).`);
  return undefined;
}

function readExamples(value: JsonValue, field: string, problems: string[]): readonly JsonObject[] | undefined {
  if (isArray(value) && value.length <= 20 && value.every(isObject)) return value.filter(isObject);
  problems.push(`"${field}" must be a list of up to 20 objects, each the arguments of a call.`);
  return undefined;
}

function readArguments(value: JsonValue, field: string, problems: string[]): JsonObject | undefined {
  const written = readObject(value, field, problems);
  if (written === undefined) return undefined;
  const draft: JsonDraft = {};
  for (const [name, argument] of Object.entries(written)) {
    const read = readArgument(argument, `${field}.${name}`, problems);
    if (read !== undefined) put(draft, name, read);
  }
  return draft;
}

function readArgument(value: JsonValue, field: string, problems: string[]): JsonObject | undefined {
  if (!isObject(value)) return readObject(value, field, problems);
  const fields = Object.keys(value);
  const unknown = fields.find((name) => !['hidden', 'value', 'description', 'default'].includes(name));
  if (unknown !== undefined) return unknownField(`${field}.${unknown}`, problems);
  const fixed = own(value, 'value');
  const fallback = own(value, 'default');
  if (fallback !== undefined && (Object.hasOwn(value, 'hidden') || fixed !== undefined)) {
    problems.push(`"${field}.default" is for an argument that is shown; a hidden one has a "value".`);
    return undefined;
  }
  if (Object.hasOwn(value, 'hidden') || fixed !== undefined) {
    if (own(value, 'hidden') === true && fixed !== undefined) return { hidden: true, value: fixed };
    problems.push(`"${field}" must have "hidden: true" together with a "value".`);
    return undefined;
  }
  const said = fallback === undefined ? {} : { default: fallback };
  if (fallback !== undefined && !Object.hasOwn(value, 'description')) return said;
  const description = readText(own(value, 'description') ?? null, `${field}.description`, problems);
  return description === undefined ? (fallback === undefined ? undefined : said) : { description, ...said };
}
