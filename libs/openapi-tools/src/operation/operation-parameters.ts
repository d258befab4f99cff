import type { ParameterBinding, ParameterStyle } from '../tool/binding-table.js';
import { isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import type { ApiDocument } from '../document/load-document.js';
import { essenceOf, isJsonType } from '../media-type.js';
import type { Operation } from './operation.js';
import { isCredentialParameter } from './operation-security.js';
import type { PathTemplate } from './path-template.js';
import type { RepairList } from '../repair.js';

export interface Parameter extends Omit<ParameterBinding, 'key'> {
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

const styles: Readonly<Record<ParameterBinding['location'], readonly ParameterStyle[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
};

/**
 * The parameters that become arguments: the operation's over its path's, references followed, one for each name in the
 * template. Protected headers and the document's API keys are left out; what is wrong is repaired or left out by name.
 */
export function readParameters(document: ApiDocument, operation: Operation, template: PathTemplate, repairs: RepairList): readonly Parameter[] {
  const expressions = new Set(template.segments.flat().flatMap((part) => ('name' in part ? [part.name] : [])));
  const parameters = new Map<string, Parameter>();
  for (const { value, at } of document.view.parameters(operation)) {
    const parameter = readParameter(document, value, at, repairs);
    if (parameter === undefined) continue;
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
    const common = { required: true, style: 'simple', explode: false, schema: { type: 'string' }, isDeprecated: false } as const;
    parameters.set(`path ${name}`, { location: 'path', name, ...common, at: operation.pointer });
  }
  const order = { path: 0, query: 1, header: 2 };
  return [...parameters.values()].sort((a, b) => order[a.location] - order[b.location]);
}

function readParameter(document: ApiDocument, written: JsonValue, at: string, repairs: RepairList): Parameter | undefined {
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
  if (location !== 'path' && location !== 'query' && location !== 'header') {
    const isKnown = location === 'cookie' || location === 'querystring';
    const reason = isKnown ? `is in "${location}", which is not supported yet` : 'is in no known location';
    repairs.add(isKnown ? 'unsupported-parameter' : 'invalid-parameter', at, `The parameter ${JSON.stringify(name)} ${reason}; it was dropped.`);
    return undefined;
  }
  if (location === 'header' && !isSettableHeader(name)) return undefined;
  if (location !== 'path' && isCredentialParameter(document, location, name)) return undefined;
  return describeParameter(object, location, name, target.pointer === '' ? at : target.pointer, repairs);
}

function isSettableHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return /^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(lower) && !protectedHeaders.has(lower) && !lower.startsWith('x-forwarded-') && !lower.startsWith('proxy-');
}

function describeParameter(object: JsonObject, location: ParameterBinding['location'], name: string, at: string, repairs: RepairList): Parameter {
  const content = Object.entries(ownObject(object, 'content') ?? {})[0];
  const media = content !== undefined && isObject(content[1]) ? content[1] : undefined;
  const isJson = content !== undefined && isJsonType(essenceOf(content[0]));
  const style = isJson ? 'json' : readStyle(object, location, name, at, repairs);
  const explode = own(object, 'explode');
  const description = ownString(object, 'description');
  return {
    location,
    name,
    required: location === 'path' || own(object, 'required') === true,
    style,
    explode: typeof explode === 'boolean' ? explode : style === 'form' || style === 'deepObject',
    schema: (media === undefined ? own(object, 'schema') : own(media, 'schema')) ?? {},
    ...(description === undefined ? {} : { description }),
    isDeprecated: own(object, 'deprecated') === true,
    at: media === undefined ? `${at}/schema` : `${at}/content`,
  };
}

function readStyle(object: JsonObject, location: ParameterBinding['location'], name: string, at: string, repairs: RepairList): ParameterStyle {
  const allowed = styles[location];
  const fallback = allowed[0] ?? 'simple';
  const written = own(object, 'style');
  const style = allowed.find((known) => known === written);
  if (written !== undefined && style === undefined) {
    repairs.add('invalid-parameter', at, `The style of ${JSON.stringify(name)} is not one for "${location}"; "${fallback}" is used.`);
  }
  return style ?? fallback;
}
