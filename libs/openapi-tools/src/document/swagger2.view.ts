import { isObject, own, ownArray, ownObject, ownString, put, type JsonDraft, type JsonObject, type JsonValue } from '../json.js';
import { escapeToken, type ReferenceResolver } from './reference.js';
import { readSecurityDefinition } from './swagger2-security.js';
import { writtenParameters, type Located, type LocatedParameter, type OperationSource, type ServerList, type VersionView } from './version-view.js';

interface Written {
  readonly object: JsonObject;
  readonly at: string;
}

const formType = 'application/x-www-form-urlencoded';
const multipartType = 'multipart/form-data';
/** Members of a 2.0 Parameter Object that are not keywords of its schema. */
const parameterMembers = new Set(['name', 'in', 'description', 'required', 'collectionFormat', 'allowEmptyValue', 'schema', 'example', 'examples', 'deprecated']);

/** Swagger 2.0, seen as OpenAPI 3. What has another shape is made on demand; schemas are handed on as written. */
export class Swagger2View implements VersionView {
  readonly schemaFolder = ['definitions'];
  readonly #root: JsonObject;
  readonly #references: ReferenceResolver;
  readonly #scheme: string;
  readonly #parameters = new Map<JsonObject, JsonObject>();
  #securitySchemes: ReadonlyMap<string, JsonObject> | undefined;

  /** `url`: where the document came from; its scheme is the default one (Swagger 2.0, `schemes`). */
  constructor(root: JsonObject, references: ReferenceResolver, url: string | undefined) {
    this.#root = root;
    this.#references = references;
    this.#scheme = url !== undefined && /^http:/i.test(url) ? 'http' : 'https';
  }

  get securitySchemes(): ReadonlyMap<string, JsonObject> {
    this.#securitySchemes ??= this.#readSecuritySchemes();
    return this.#securitySchemes;
  }

  parameters(operation: OperationSource): readonly LocatedParameter[] {
    const parameters: LocatedParameter[] = [];
    for (const written of writtenParameters(operation)) {
      const found = this.#follow(written.value, written.at);
      const location = found === undefined ? undefined : ownString(found.object, 'in');
      if (found === undefined) parameters.push(written);
      else if (location !== 'body' && location !== 'formData') parameters.push(this.#readParameter(found, written.isShared || found.at !== written.at));
    }
    return parameters;
  }

  /** What is shared has to stay one object. */
  #readParameter({ object, at }: Written, isShared: boolean): LocatedParameter {
    const value = (isShared ? this.#parameters.get(object) : undefined) ?? readParameter(object);
    if (isShared) this.#parameters.set(object, value);
    return { value, at, isShared };
  }

  requestBody(operation: OperationSource): Located | undefined {
    const found = writtenParameters(operation).flatMap(({ value, at }) => this.#follow(value, at) ?? []);
    // The operation's parameters come last and override those of its path.
    const body = found.findLast(({ object }) => ownString(object, 'in') === 'body');
    if (body !== undefined) return this.#readBody(body, operation);
    const fields = new Map<string, Written>();
    for (const field of found) {
      const name = ownString(field.object, 'name');
      if (ownString(field.object, 'in') === 'formData' && name !== undefined) fields.set(name, field);
    }
    return fields.size === 0 ? undefined : { value: this.#readForm(fields, operation), at: operation.pointer };
  }

  responses({ definition, pointer }: OperationSource): readonly (readonly [string, Located])[] {
    const produces = this.#mediaTypes(definition, 'produces');
    return Object.entries(ownObject(definition, 'responses') ?? {})
      .filter(([status]) => !status.startsWith('x-'))
      .map(([status, value]) => {
        const found = this.#follow(value, `${pointer}/responses/${escapeToken(status)}`);
        const at = found?.at ?? `${pointer}/responses/${escapeToken(status)}`;
        return [status, { value: found === undefined ? value : readResponse(found.object, produces), at }] as const;
      });
  }

  /** One server for each usable scheme, https first; without `host` one that is relative to the document. */
  servers(operation?: OperationSource): ServerList {
    const basePath = ownString(this.#root, 'basePath')?.trim() ?? '';
    const path = basePath.startsWith('/') || basePath === '' ? basePath : `/${basePath}`;
    // A scheme in `host` is a common mistake with a plain meaning.
    const host = ownString(this.#root, 'host')?.trim().replace(/^(https?:)?\/\//i, '') ?? '';
    if (host === '') return { servers: [{ url: path === '' ? '/' : path }], isDefault: true };
    const said = ownArray(operation?.definition ?? {}, 'schemes');
    const listed = said.length > 0 ? said : ownArray(this.#root, 'schemes');
    const usable = ['https', 'http'].filter((scheme) => listed.includes(scheme));
    const schemes = usable.length === 0 ? [this.#scheme] : usable;
    return { servers: schemes.map((scheme) => ({ url: `${scheme}://${host}${path}` })), isDefault: true };
  }

  #follow(value: JsonValue, at: string): Written | undefined {
    const target = this.#references.follow(value);
    if (target.kind !== 'found' || !isObject(target.value)) return undefined;
    return { object: target.value, at: target.pointer === '' ? at : target.pointer };
  }

  #mediaTypes(definition: JsonObject, member: 'consumes' | 'produces'): readonly string[] {
    const level = Object.hasOwn(definition, member) ? definition : this.#root;
    const listed = ownArray(level, member).filter((type) => typeof type === 'string' && type.trim() !== '');
    return listed.length === 0 ? ['application/json'] : listed.map(String);
  }

  #readBody({ object, at }: Written, { definition }: OperationSource): Located {
    const media: JsonObject = { schema: own(object, 'schema') ?? {} };
    return { value: bodyOf(object, this.#mediaTypes(definition, 'consumes'), media), at };
  }

  #readForm(fields: ReadonlyMap<string, Written>, { definition }: OperationSource): JsonObject {
    const properties: JsonDraft = {};
    const encoding: JsonDraft = {};
    const required: string[] = [];
    for (const [name, { object }] of fields) {
      const description = ownString(object, 'description');
      put(properties, name, { ...schemaOf(object), ...(description === undefined ? {} : { description }) });
      if (own(object, 'required') === true) required.push(name);
      if (own(object, 'type') === 'array') put(encoding, name, serialisationOf(object, 'query'));
    }
    const hasFile = [...fields.values()].some(({ object }) => own(object, 'type') === 'file');
    const listed = this.#mediaTypes(definition, 'consumes').filter((type) => type.startsWith(multipartType) || (!hasFile && type.startsWith(formType)));
    const schema = { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
    const media = { schema, ...(Object.keys(encoding).length === 0 ? {} : { encoding }) };
    const fallback = hasFile ? multipartType : formType;
    return bodyOf({ required: required.length > 0 }, listed.length === 0 ? [fallback] : listed, media);
  }

  #readSecuritySchemes(): ReadonlyMap<string, JsonObject> {
    const schemes = new Map<string, JsonObject>();
    for (const [name, written] of Object.entries(ownObject(this.#root, 'securityDefinitions') ?? {})) {
      const scheme = this.#references.follow(written);
      if (scheme.kind === 'found' && isObject(scheme.value)) schemes.set(name, readSecurityDefinition(scheme.value));
    }
    return schemes;
  }
}

function bodyOf(parameter: JsonObject, types: readonly string[], media: JsonObject): JsonObject {
  const content: JsonDraft = {};
  for (const type of types) put(content, type, media);
  const description = ownString(parameter, 'description');
  return { ...(description === undefined ? {} : { description }), required: own(parameter, 'required') === true, content };
}

function readParameter(parameter: JsonObject): JsonObject {
  const draft: JsonDraft = {};
  for (const member of ['name', 'in', 'description', 'required', 'deprecated', 'allowEmptyValue']) {
    const value = own(parameter, member);
    if (value !== undefined) draft[member] = value;
  }
  const location = ownString(parameter, 'in') ?? '';
  const serialisation = own(parameter, 'type') === 'array' ? serialisationOf(parameter, location) : {};
  return { ...draft, ...serialisation, schema: schemaOf(parameter) };
}

/** The keywords that stand on the parameter itself; a `schema` of its own, as 3.x has it, is a common mistake with a plain meaning. */
function schemaOf(parameter: JsonObject): JsonObject {
  const schema = own(parameter, 'schema');
  if (isObject(schema) && own(parameter, 'type') === undefined) return schema;
  const keywords: JsonDraft = {};
  for (const [member, value] of Object.entries(parameter)) if (!parameterMembers.has(member)) put(keywords, member, value);
  return own(parameter, 'type') === 'file' ? { ...keywords, type: 'string', format: 'binary' } : keywords;
}

/** `collectionFormat` as style and explode; a style that 3.x does not have in that place is left to the reader, who says so. */
function serialisationOf(parameter: JsonObject, location: string): JsonObject {
  const separated = location === 'query' || location === 'formData' ? 'form' : 'simple';
  switch (own(parameter, 'collectionFormat')) {
    case 'multi':
      return { style: separated, explode: true };
    case 'ssv':
      return { style: 'spaceDelimited', explode: false };
    case 'tsv':
      return { style: 'tabDelimited', explode: false };
    case 'pipes':
      return { style: 'pipeDelimited', explode: false };
    default:
      return { style: separated, explode: false };
  }
}

function readResponse(response: JsonObject, produces: readonly string[]): JsonObject {
  const headers: JsonDraft = {};
  for (const [name, header] of Object.entries(ownObject(response, 'headers') ?? {})) {
    if (isObject(header)) put(headers, name, { ...readParameter({ ...header, in: 'header' }) });
  }
  const schema = own(response, 'schema');
  const isFile = isObject(schema) && own(schema, 'type') === 'file';
  const content: JsonDraft = {};
  if (schema !== undefined) {
    for (const type of produces) put(content, type, { schema: isFile ? { type: 'string', format: 'binary' } : schema });
  }
  const description = ownString(response, 'description') ?? '';
  return { description, headers, ...(schema === undefined ? {} : { content }) };
}
