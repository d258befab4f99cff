/**
 * What a client takes of a tool, as data (openapi.md decision 19). Profiles only change what `tools/list` shows: arguments are
 * always checked against the whole schema.
 */
export interface ClientProfile {
  /** One name stands for one profile: what is made for it is kept by this name. */
  readonly name: string;
  /** Longest tool name, with the server's name where the client joins them. */
  readonly nameMax: number;
  readonly namePattern: string;
  /** Characters of argument names: `standard` is `[a-zA-Z0-9_.-]{1,64}`, `word` is `[A-Za-z0-9_]{1,64}`. */
  readonly keyPattern: 'standard' | 'word';
  /** True when the root of a schema may have `oneOf`, `anyOf` and `allOf`. Ours never does in an input schema. */
  readonly rootCombinators: boolean;
  /** False: `$ref`s are inlined as deep as the budget allows. */
  readonly refs: boolean;
  readonly unions: 'keep' | 'anyOf';
  /** `merge`: members of `allOf` are merged into the schema around them. */
  readonly joins: 'keep' | 'merge';
  /** `single`: null is dropped, several types become `anyOf`. */
  readonly typeArrays: 'keep' | 'single';
  readonly formats: 'all' | readonly string[];
  readonly enums: 'all' | 'strings';
  readonly addlProps: boolean;
  readonly needItems: boolean;
  /** True: every schema without a union says a type. */
  readonly needTypes: boolean;
  readonly keywords: 'all' | readonly string[];
  /** Tools that the client takes from all its servers together. */
  readonly maxTools?: number;
  readonly outputSchema: boolean;
  /** Characters of a tool's description and of a description inside its schema. */
  readonly maxDescription: number;
  readonly maxSchemaText: number;
}

const everywhere: ClientProfile = {
  name: 'default',
  nameMax: 64,
  namePattern: '^[a-zA-Z0-9_-]{1,64}$',
  keyPattern: 'standard',
  rootCombinators: false,
  refs: true,
  unions: 'keep',
  joins: 'keep',
  typeArrays: 'keep',
  formats: 'all',
  enums: 'all',
  addlProps: true,
  needItems: true,
  needTypes: false,
  keywords: 'all',
  outputSchema: false,
  maxDescription: 1_024,
  maxSchemaText: 512,
};

/** Gemini's `Schema`, a subset of OpenAPI 3.0: any other member makes it refuse the whole request (ai.google.dev/api/caching#Schema). */
const geminiKeywords = ['type', 'format', 'title', 'description', 'enum', 'items', 'minItems', 'maxItems', 'properties', 'required', 'minProperties', 'maxProperties', 'minLength', 'maxLength', 'pattern', 'anyOf', 'minimum', 'maximum'];

/** Limits as documented by the vendors or met by users of other servers, as of autumn 2026. */
export const clientProfiles: Readonly<Record<string, ClientProfile>> & { readonly default: ClientProfile; readonly full: ClientProfile } = {
  /** What the clients that speak JSON Schema have in common. Gemini's own API behind a client that does not translate needs `gemini`. */
  default: everywhere,
  anthropic: { ...everywhere, name: 'anthropic', maxDescription: 4_096, maxSchemaText: 1_024 },
  openai: { ...everywhere, name: 'openai', unions: 'anyOf', maxTools: 128 },
  gemini: {
    ...everywhere,
    name: 'gemini',
    keyPattern: 'word',
    refs: false,
    unions: 'anyOf',
    joins: 'merge',
    typeArrays: 'single',
    formats: ['date-time', 'enum', 'int32', 'int64', 'float', 'double'],
    enums: 'strings',
    addlProps: false,
    needTypes: true,
    keywords: geminiKeywords,
    maxTools: 128,
  },
  /** 60 characters for server and tool; schemas go unchanged to whichever model is chosen, Gemini among them (it takes no enum but of strings). */
  cursor: { ...everywhere, name: 'cursor', nameMax: 60, unions: 'anyOf', enums: 'strings', maxTools: 40 },
  vscode: { ...everywhere, name: 'vscode', maxTools: 128 },
  /** Clients that take all of JSON Schema 2020-12, output schemas too. */
  full: { ...everywhere, name: 'full', outputSchema: true, maxDescription: 8_192, maxSchemaText: 4_096 },
};

export const clientProfileNames: readonly string[] = Object.keys(clientProfiles);
