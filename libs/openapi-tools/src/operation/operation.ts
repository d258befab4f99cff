import type { JsonObject } from '../json.js';
import type { Repair } from '../repair.js';
import type { OperationOverride } from './operation-override.js';

/** MCP tool annotations: hints, never a permission. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** One security scheme that a request must satisfy. */
export interface CredentialNeed {
  /** Name of the scheme in the document. */
  readonly scheme: string;
  /** `custom`: an HTTP scheme other than basic and bearer (then `name` says which), or a scheme that the document does not declare. */
  readonly kind: 'apiKey' | 'http-basic' | 'http-bearer' | 'oauth2' | 'openIdConnect' | 'mutualTLS' | 'custom';
  /** Where an API key goes. */
  readonly in?: 'query' | 'header' | 'cookie';
  /** Name of the API key's parameter, or of the HTTP scheme. */
  readonly name?: string;
  readonly scopes: readonly string[];
}

/** One callable operation of a document, as far as a list needs it. */
export interface Operation {
  /** Tool name, unique in the document without regard to case. */
  readonly name: string;
  readonly operationId?: string;
  /** `GET /orders/{id}`; unique in the document. */
  readonly key: string;
  /** Upper case. */
  readonly method: string;
  /** The path template as written. */
  readonly path: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly annotations: ToolAnnotations;
  /** Alternatives (any one suffices) of scopes (all of them); empty: none needed. */
  readonly security: readonly (readonly string[])[];
  /** Alternatives (any one suffices) of credentials (all of them; none in an alternative: it may be called without); empty: none needed. */
  readonly credentials: readonly (readonly CredentialNeed[])[];
  /** Curation for later stages: response, examples, arguments. Name, texts, annotations and scopes are applied already. */
  readonly override?: OperationOverride;
  /** What was wrong in the operation's own fields, its curation included. */
  readonly notes: readonly Repair[];
  /** JSON Pointer of the Operation Object as listed in `paths`. */
  readonly pointer: string;
  /** The Path Item and Operation Objects as written (a path item's `$ref` followed). */
  readonly pathItem: JsonObject;
  readonly definition: JsonObject;
}
