import { isObject, own, ownArray, ownObject, type JsonObject } from '../json.js';
import { escapeToken, type ReferenceResolver } from './reference.js';
import { writtenParameters, type Located, type LocatedParameter, type OperationSource, type ServerList, type VersionView } from './version-view.js';

/** OpenAPI 3.0, 3.1 and 3.2: the objects as written. */
export class OpenApi3View implements VersionView {
  readonly schemaFolder = ['components', 'schemas'];
  readonly #root: JsonObject;
  readonly #references: ReferenceResolver;
  #securitySchemes: ReadonlyMap<string, JsonObject> | undefined;

  constructor(root: JsonObject, references: ReferenceResolver) {
    this.#root = root;
    this.#references = references;
  }

  get securitySchemes(): ReadonlyMap<string, JsonObject> {
    this.#securitySchemes ??= this.#readSecuritySchemes();
    return this.#securitySchemes;
  }

  parameters(operation: OperationSource): readonly LocatedParameter[] {
    return writtenParameters(operation);
  }

  requestBody({ definition, pointer }: OperationSource): Located | undefined {
    const value = own(definition, 'requestBody');
    return value === undefined ? undefined : { value, at: `${pointer}/requestBody` };
  }

  responses({ definition, pointer }: OperationSource): readonly (readonly [string, Located])[] {
    return Object.entries(ownObject(definition, 'responses') ?? {}).map(
      ([status, value]) => [status, { value, at: `${pointer}/responses/${escapeToken(status)}` }] as const,
    );
  }

  servers(operation?: OperationSource): ServerList {
    const levels = operation === undefined ? [] : [operation.definition, operation.pathItem];
    const said = levels.map((level) => ownArray(level, 'servers')).find((list) => list.length > 0);
    return said === undefined ? { servers: ownArray(this.#root, 'servers'), isDefault: true } : { servers: said, isDefault: false };
  }

  #readSecuritySchemes(): ReadonlyMap<string, JsonObject> {
    const schemes = new Map<string, JsonObject>();
    const declared = ownObject(ownObject(this.#root, 'components') ?? {}, 'securitySchemes') ?? {};
    for (const [name, written] of Object.entries(declared)) {
      const scheme = this.#references.follow(written);
      if (scheme.kind === 'found' && isObject(scheme.value)) schemes.set(name, scheme.value);
    }
    return schemes;
  }
}
