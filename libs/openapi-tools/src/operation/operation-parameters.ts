import { encodeComponent, encodeCookieName } from '../request/percent-encoding.js';
import type { ParameterBinding, ParameterLocation, ParameterStyle } from '../tool/binding-table.js';
import { isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import { essenceOf, isJsonType, isUrlEncodedForm } from '../media-type.js';
import type { Operation } from './operation.js';
import { isCredentialParameter, type CredentialNames } from './operation-security.js';
import type { PathTemplate } from './path-template.js';
import type { RepairList } from '../repair.js';

export interface Parameter extends Omit<ParameterBinding, 'key' | 'fixed'> {
  readonly schema: JsonValue;
  readonly description?: string;
  readonly isDeprecated: boolean;
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
const nothing: ReadonlySet<string> = new Set();

/**
 * The parameters that become arguments: the operation's over its path's, references followed, one for each name in the
 * template. Protected headers and the document's API keys are left out; what is wrong is repaired or left out by name.
 */
export function readParameters(document: ApiDocument, operation: Operation, template: PathTemplate, repairs: RepairList): readonly Parameter[] {
  const expressions = new Set(template.segments.flat().flatMap((part) => ('name' in part ? [part.name] : [])));
  const parameters = new Map<string, Parameter>();
  for (const { value, at } of document.view.parameters(operation)) {
    const read = readParameter(document, value, at, repairs);
    if (read === undefined) continue;
    const parameter = { ...read, reservedNames: reservedNamesOf(read.location, document.credentialNames) };
    if (parameter.location === 'path' && !expressions.has(parameter.name)) {
      repairs.add('unused-path-parameter', parameter.at, `The path has no {${parameter.name}}; the parameter was dropped.`);
      continue;
    }
    const name = parameter.location === 'header' ? parameter.name.toLowerCase() : parameter.name;
    parameters.set(`${parameter.location} ${name}`, parameter);
  }
  for (const name of expressions) {
    if (parameters.has(`path ${name}`)) continue;
    repairs.add('undeclared-path-parameter', operation.pointer, `The path parameter {${name}} is not declared; it was taken as a string.`);
    const common = { required: true, style: 'simple', explode: false, allowReserved: false, allowEmptyValue: false, schema: { type: 'string' }, isDeprecated: false } as const;
    parameters.set(`path ${name}`, { location: 'path', name, wireName: wireNameOf('path', name), reservedNames: nothing, ...common, at: operation.pointer });
  }
  const order = { path: 0, query: 1, querystring: 2, header: 3, cookie: 4 };
  return [...parameters.values()].sort((a, b) => order[a.location] - order[b.location]);
}

function reservedNamesOf(location: ParameterLocation, names: CredentialNames): ReadonlySet<string> {
  if (location === 'cookie') return names.cookie;
  return location === 'query' || location === 'querystring' ? names.query : nothing;
}

function wireNameOf(location: ParameterLocation, name: string): string {
  if (location === 'header') return name.toLowerCase();
  return location === 'cookie' ? encodeCookieName(name) : encodeComponent(name, name);
}

type ReadParameter = Omit<Parameter, 'reservedNames'>;

function readParameter(document: ApiDocument, written: JsonValue, at: string, repairs: RepairList): ReadParameter | undefined {
  const target = document.definitions.references.follow(written);
  if (target.kind !== 'found') {
    const where = target.kind === 'external' ? 'leads outside the document and was not fetched' : 'names nothing in the document';
    repairs.add(target.kind === 'external' ? 'external-ref' : 'dangling-ref', at, `The parameter is a reference that ${where}; it was dropped.`);
    return undefined;
  }
  const object = isObject(target.value) ? target.value : {};
  const name = ownString(object, 'name');
  const location = own(object, 'in');
  if (name === undefined || name === '' || !name.isWellFormed()) {
    repairs.add('invalid-parameter', at, 'The parameter has no usable name; it was dropped.');
    return undefined;
  }
  if (!isLocation(location)) {
    repairs.add('invalid-parameter', at, `The parameter ${JSON.stringify(name)} is in no known location; it was dropped.`);
    return undefined;
  }
  if (location === 'header' && !isSettableHeader(name)) return undefined;
  if (location !== 'path' && location !== 'querystring' && isCredentialParameter(document, location, name)) return undefined;
  return describeParameter(document.openapi, object, location, name, target.pointer === '' ? at : target.pointer, repairs);
}

const isLocation = (value: JsonValue | undefined): value is ParameterLocation => typeof value === 'string' && Object.hasOwn(styles, value);

function isSettableHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower) && !protectedHeaders.has(lower) && !lower.startsWith('x-forwarded-') && !lower.startsWith('proxy-');
}

function describeParameter(version: string, object: JsonObject, location: ParameterLocation, name: string, at: string, repairs: RepairList): ReadParameter {
  const content = Object.entries(ownObject(object, 'content') ?? {})[0];
  const media = content !== undefined && isObject(content[1]) ? content[1] : undefined;
  const style = content === undefined ? readStyle(version, object, location, name, at, repairs) : contentStyle(location, content[0]);
  const explode = own(object, 'explode');
  const description = ownString(object, 'description');
  return {
    location,
    name,
    wireName: wireNameOf(location, name),
    required: location === 'path' || own(object, 'required') === true,
    style,
    explode: typeof explode === 'boolean' ? explode : explodedStyles.includes(style),
    allowReserved: (own(object, 'allowReserved') === true && mayBeReserved(version, location)) || isPlainQuery(location, content?.[0]),
    allowEmptyValue: own(object, 'allowEmptyValue') === true,
    schema: (media === undefined ? own(object, 'schema') : own(media, 'schema')) ?? {},
    ...(description === undefined ? {} : { description }),
    isDeprecated: own(object, 'deprecated') === true,
    at: media === undefined ? `${at}/schema` : `${at}/content`,
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

function readStyle(version: string, object: JsonObject, location: ParameterLocation, name: string, at: string, repairs: RepairList): ParameterStyle {
  const allowed = version === '2.0' ? [...styles[location], ...swagger2Styles[location]] : styles[location];
  const fallback = allowed[0] ?? 'simple';
  const written = own(object, 'style');
  const style = allowed.find((known) => known === written);
  if (written !== undefined && style === undefined) {
    repairs.add('invalid-parameter', at, `The style of ${JSON.stringify(name)} is not one for "${location}"; "${fallback}" is used.`);
  }
  return style ?? fallback;
}
