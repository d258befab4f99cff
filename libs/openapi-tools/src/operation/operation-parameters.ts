import { encodeComponent, encodeCookieName } from '../request/percent-encoding.js';
import type { ParameterBinding, ParameterLocation, ParameterStyle } from '../tool/binding-table.js';
import { isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import type { LocatedParameter } from '../document/version-view.js';
import { essenceOf, isJsonType, isUrlEncodedForm } from '../media-type.js';
import type { Operation } from './operation.js';
import { isCredentialParameter, type CredentialNames } from './operation-security.js';
import { namesInPath } from './path-template.js';
import type { RepairList } from '../repair.js';

export interface Parameter extends Omit<ParameterBinding, 'key' | 'fixed'> {
  /** Equal for parameters that are the same one: the operation's replaces its path's. */
  readonly identity: string;
  readonly schema: JsonValue;
  readonly description: string | undefined;
  readonly isDeprecated: boolean;
  /** Where its schema stands below it. */
  readonly below: '/schema' | '/content';
}

/** A parameter, which other operations may have too, and the JSON Pointer where this operation has it. */
export interface PlacedParameter {
  readonly parameter: Parameter;
  readonly at: string;
}

/** Header fields that belong to the connection, the credential or the body; no argument sets them (W08, security.md). */
const protectedHeaders = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-http-method-override',
  'x-real-ip',
]);

/** The styles that a location admits, its default first. */
const styles: Readonly<Record<ParameterLocation, readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  querystring: ['text'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
};
/** What `collectionFormat` can ask for beyond them (Swagger 2.0 Parameter Object). */
const swagger2Styles: Readonly<Record<ParameterLocation, readonly ParameterStyle[]>> = {
  path: ['spaceDelimited', 'pipeDelimited', 'tabDelimited'],
  query: ['tabDelimited'],
  querystring: [],
  header: ['spaceDelimited', 'pipeDelimited', 'tabDelimited'],
  cookie: [],
};
const explodedStyles: readonly ParameterStyle[] = ['form', 'cookie', 'deepObject'];
const nobody: ReadonlySet<string> = new Set();
const nothing: JsonObject = {};

/**
 * The parameters that become arguments: the operation's over its path's, references followed, one for each name in the
 * template. Protected headers and the document's API keys are left out; what is wrong is repaired or left out by name.
 */
export function readParameters(document: ApiDocument, operation: Operation, repairs: RepairList): readonly PlacedParameter[] {
  const expressions = namesInPath(operation.path);
  const parameters = new Map<string, PlacedParameter>();
  for (const place of document.view.parameters(operation)) {
    const placed = readParameter(document, place, repairs);
    if (placed === undefined) continue;
    const { parameter, at } = placed;
    if (parameter.location === 'path' && !expressions.has(parameter.name)) {
      repairs.add('unused-path-parameter', at + parameter.below, `The path has no {${parameter.name}}; the parameter was dropped.`);
      continue;
    }
    parameters.set(parameter.identity, placed);
  }
  for (const name of expressions) {
    const identity = identityOf('path', name);
    if (parameters.has(identity)) continue;
    repairs.add('undeclared-path-parameter', operation.pointer, `The path parameter {${name}} is not declared; it was taken as a string.`);
    parameters.set(identity, { parameter: describeUndeclared(identity, name), at: operation.pointer });
  }
  return inOrder([...parameters.values()]);
}

const order = { path: 0, query: 1, querystring: 2, header: 3, cookie: 4 };

/** By location, as most documents have them already. */
function inOrder(parameters: PlacedParameter[]): readonly PlacedParameter[] {
  let last = 0;
  for (const { parameter } of parameters) {
    const rank = order[parameter.location];
    if (rank < last) return parameters.sort((a, b) => order[a.parameter.location] - order[b.parameter.location]);
    last = rank;
  }
  return parameters;
}

/** OAS Parameter Object: unique by location and name; a header's name has no case. */
const identityOf = (location: ParameterLocation, name: string): string => `${location} ${location === 'header' ? name.toLowerCase() : name}`;

function reservedNamesOf(location: ParameterLocation, names: CredentialNames): ReadonlySet<string> {
  if (location === 'cookie') return names.cookie;
  return location === 'query' || location === 'querystring' ? names.query : nobody;
}

function wireNameOf(location: ParameterLocation, name: string): string {
  if (location === 'header') return name.toLowerCase();
  return location === 'cookie' ? encodeCookieName(name) : encodeComponent(name, name);
}

function describeUndeclared(identity: string, name: string): Parameter {
  const common = { required: true, style: 'simple', explode: false, allowReserved: false, allowEmptyValue: false, schema: { type: 'string' }, description: undefined, isDeprecated: false, below: '/schema' } as const;
  return { identity, location: 'path', name, wireName: wireNameOf('path', name), reservedNames: nobody, ...common };
}

function readParameter(document: ApiDocument, { value, at, isShared }: LocatedParameter, repairs: RepairList): PlacedParameter | undefined {
  const target = document.definitions.references.follow(value);
  if (target.kind !== 'found') {
    const where = target.kind === 'external' ? 'leads outside the document and was not fetched' : 'names nothing in the document';
    repairs.add(target.kind === 'external' ? 'external-ref' : 'dangling-ref', at, `The parameter is a reference that ${where}; it was dropped.`);
    return undefined;
  }
  const object = isObject(target.value) ? target.value : nothing;
  const isReferred = target.pointer !== '';
  const place = isReferred ? target.pointer : at;
  const part = isReferred || isShared ? object : contentOf(object);
  const read = document.sharedParameters.read(part, place, repairs, (told) => readFound(document, object, told));
  if (typeof read === 'string') repairs.add('invalid-parameter', at, read);
  return typeof read === 'object' ? { parameter: read, at: place } : undefined;
}

/** Operations repeat their parameters: those of equal content are one. What is too deep to be written is only like itself. */
function contentOf(object: JsonObject): JsonObject | string {
  try {
    return JSON.stringify(object);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return object;
  }
}

/** A parameter, why it cannot be used, or undefined for one that is no argument. */
export type ReadParameter = Parameter | string | undefined;

function readFound(document: ApiDocument, object: JsonObject, repairs: RepairList): ReadParameter {
  const name = ownString(object, 'name');
  const location = own(object, 'in');
  if (name === undefined || name === '' || !name.isWellFormed()) return 'The parameter has no usable name; it was dropped.';
  if (!isLocation(location)) return `The parameter ${JSON.stringify(name)} is in no known location; it was dropped.`;
  if (location === 'header' && !isSettableHeader(name)) return undefined;
  if (location !== 'path' && location !== 'querystring' && isCredentialParameter(document, location, name)) return undefined;
  return describeParameter(document, object, location, name, repairs);
}

const isLocation = (value: JsonValue | undefined): value is ParameterLocation => typeof value === 'string' && Object.hasOwn(styles, value);

/** Whether a caller may choose the header: it has a usable name, and is none that the gateway or the connection sets. */
export function isSettableHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower) && !protectedHeaders.has(lower) && !lower.startsWith('x-forwarded-') && !lower.startsWith('proxy-');
}

function describeParameter(document: ApiDocument, object: JsonObject, location: ParameterLocation, name: string, repairs: RepairList): Parameter {
  const version = document.openapi;
  const contents = ownObject(object, 'content');
  const content = contents === undefined ? undefined : Object.entries(contents)[0];
  const media = content !== undefined && isObject(content[1]) ? content[1] : undefined;
  const style = content === undefined ? readStyle(version, object, location, name, repairs) : contentStyle(location, content[0]);
  const explode = own(object, 'explode');
  return {
    identity: identityOf(location, name),
    location,
    name,
    wireName: wireNameOf(location, name),
    reservedNames: reservedNamesOf(location, document.credentialNames),
    required: location === 'path' || own(object, 'required') === true,
    style,
    explode: typeof explode === 'boolean' ? explode : explodedStyles.includes(style),
    allowReserved: (own(object, 'allowReserved') === true && mayBeReserved(version, location)) || isPlainQuery(location, content?.[0]),
    allowEmptyValue: own(object, 'allowEmptyValue') === true,
    schema: (media === undefined ? own(object, 'schema') : own(media, 'schema')) ?? {},
    description: ownString(object, 'description'),
    isDeprecated: own(object, 'deprecated') === true,
    below: media === undefined ? '/schema' : '/content',
  };
}

/** A parameter with `content` is text of that media type: JSON is written as JSON, any other type is text already. */
function contentStyle(location: ParameterLocation, mediaType: string): ParameterStyle {
  const essence = essenceOf(mediaType);
  if (isJsonType(essence)) return 'json';
  return location === 'querystring' && isUrlEncodedForm(essence) ? 'urlencoded' : 'text';
}

/** Before 3.2, `allowReserved` "only applies to parameters with an `in` value of `query`" (OAS 3.0.4 and 3.1.1 Parameter Object). */
const mayBeReserved = (version: string, location: ParameterLocation): boolean => location === 'query' || location === 'querystring' || version.startsWith('3.2');

/** OAS 3.2 names `text/plain` as the way to a query format of one's own: its delimiters have to stay. */
const isPlainQuery = (location: ParameterLocation, mediaType: string | undefined): boolean => location === 'querystring' && (mediaType === undefined || essenceOf(mediaType) === 'text/plain');

function readStyle(version: string, object: JsonObject, location: ParameterLocation, name: string, repairs: RepairList): ParameterStyle {
  const allowed = version === '2.0' ? [...styles[location], ...swagger2Styles[location]] : styles[location];
  const fallback = allowed[0] ?? 'simple';
  const written = own(object, 'style');
  const style = allowed.find((known) => known === written);
  if (written !== undefined && style === undefined) {
    repairs.add('invalid-parameter', '', `The style of ${JSON.stringify(name)} is not one for "${location}"; "${fallback}" is used.`);
  }
  return style ?? fallback;
}
