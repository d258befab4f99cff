import type { JsonObject } from '../json.js';

/** MCP tool annotations: hints, never a permission. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
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
  /** JSON Pointer of the Operation Object as listed in `paths`. */
  readonly pointer: string;
  /** The Path Item and Operation Objects as written (a path item's `$ref` followed). */
  readonly pathItem: JsonObject;
  readonly definition: JsonObject;
}
