import type { PathTemplate } from '../operation/path-template.js';

/** `json`: the parameter has `content` with a JSON media type. */
export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject' | 'json';

/** Where one argument goes: into a parameter of this location under this name on the wire. */
export interface ParameterBinding {
  readonly key: string;
  readonly location: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required: boolean;
  readonly style: ParameterStyle;
  readonly explode: boolean;
}

export interface BodyPropertyBinding {
  readonly key: string;
  readonly location: 'body';
  readonly name: string;
  readonly required: boolean;
}

export type BodyBinding =
  | { readonly kind: 'whole'; readonly mediaType: string; readonly key: string; readonly required: boolean }
  | {
      readonly kind: 'properties';
      readonly mediaType: string;
      readonly properties: readonly BodyPropertyBinding[];
      /** Argument key to property name. */
      readonly names: ReadonlyMap<string, string>;
      /** Whether a body is sent when none of its properties is given. */
      readonly required: boolean;
      /** Whether the schema admits properties it does not name; such arguments go into the body as they are. */
      readonly isOpen: boolean;
    };

/** All that is needed to turn arguments into a request; nothing is inferred from names at call time. */
export interface BindingTable {
  readonly parameters: readonly ParameterBinding[];
  readonly body?: BodyBinding;
  readonly path: PathTemplate;
  readonly accept: string;
  /** Query names that carry a credential in this document; an object argument may not set them. */
  readonly reservedQueryNames: ReadonlySet<string>;
}
