import { isObject, own, ownObject, ownString, type JsonObject, type JsonValue } from '../json.js';
import { readOperationOverride, type OperationOverride, type ReadOverride } from './operation-override.js';

type Draft = { -readonly [Field in keyof OperationOverride]: OperationOverride[Field] };

/**
 * What a document itself says of an operation as a tool: `x-mcp` (ours; `true` or `false`, as openapi-mcp-generator has it, at the
 * operation, the path item or the root, the closest wins; `skip: true` is `enabled: false`), else its aliases, field by field:
 * `x-speakeasy-mcp`, Zuplo's `x-zuplo-route.mcp` and `x-zuplo-mcp-tool`, `x-kong-mcp-tool-name`, `-tool-description`, `-exclude`.
 */
export function readDocumentOverride(root: JsonObject, pathItem: JsonObject, definition: JsonObject): ReadOverride {
  const said = readXMcp(own(definition, 'x-mcp'));
  const zuploRoute = ownObject(definition, 'x-zuplo-route') ?? {};
  const sources = [
    said.override,
    readSpeakeasy(own(definition, 'x-speakeasy-mcp')),
    readToolFields(ownObject(zuploRoute, 'mcp')),
    readToolFields(ownObject(definition, 'x-zuplo-mcp-tool')),
    readKong(definition),
    enabledOf(own(pathItem, 'x-mcp')),
    enabledOf(own(root, 'x-mcp')),
  ];
  return { override: combineOverrides(sources), problems: said.problems };
}

/** Of what says nothing, as most sources do. */
export const noOverride: OperationOverride = {};

/** The first source that says something of a field has it; annotations are merged hint by hint. */
export function combineOverrides(sources: readonly OperationOverride[]): OperationOverride {
  let combined: OperationOverride = {};
  for (const source of sources) {
    if (source === noOverride) continue;
    const annotations = { ...source.annotations, ...combined.annotations };
    combined = { ...source, ...combined, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) };
  }
  return combined;
}

function readXMcp(value: JsonValue | undefined): ReadOverride {
  if (value === undefined) return { override: noOverride, problems: [] };
  const flag = readFlag(value);
  if (flag !== undefined) return { override: { enabled: flag }, problems: [] };
  if (!isObject(value)) return { override: {}, problems: ['It is neither an object nor true or false.'] };
  const { skip, ...fields } = value;
  const { override: read, problems } = readOperationOverride(fields);
  // What was meant to keep something back and cannot be read shows nothing.
  const override = Object.hasOwn(fields, 'response') && read.response === undefined ? { ...read, response: { projection: '' } } : read;
  return { override: skip === true && override.enabled === undefined ? { ...override, enabled: false } : override, problems };
}

/** A path item or a root says only whether its operations are tools; other forms of `x-mcp` there describe servers. */
function enabledOf(value: JsonValue | undefined): OperationOverride {
  const flag = readFlag(value) ?? (isObject(value) ? readFlag(own(value, 'enabled')) : undefined);
  return flag === undefined ? noOverride : { enabled: flag };
}

/** `true`, `false`, and the same as text, which YAML authors quote. */
function readFlag(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** Its `scopes` name sets of tools that a user mounts, not scopes of a token, so they are not read. */
function readSpeakeasy(value: JsonValue | undefined): OperationOverride {
  if (typeof value === 'boolean') return { enabled: value };
  if (!isObject(value)) return noOverride;
  const disabled = own(value, 'disabled');
  return { ...readToolFields(value), ...(typeof disabled === 'boolean' ? { enabled: !disabled } : {}) };
}

function readKong(definition: JsonObject): OperationOverride {
  const name = ownString(definition, 'x-kong-mcp-tool-name');
  const description = ownString(definition, 'x-kong-mcp-tool-description');
  const excluded = own(definition, 'x-kong-mcp-exclude') === true;
  if (name === undefined && description === undefined && !excluded) return noOverride;
  return readToolFields({ ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }), ...(excluded ? { enabled: false } : {}) });
}

/** The fields that all of them share; what is wrong in a foreign extension is not ours to report. */
function readToolFields(written: JsonObject | undefined): OperationOverride {
  if (written === undefined) return noOverride;
  const draft: Draft = {};
  const { annotations, ...rest } = written;
  const hints = isObject(annotations) ? { ...rest, ...annotations } : rest;
  const { override } = readOperationOverride(rest);
  if (override.enabled !== undefined) draft.enabled = override.enabled;
  if (override.name !== undefined) draft.name = override.name;
  const title = override.title ?? (isObject(annotations) ? ownString(annotations, 'title') : undefined);
  if (title !== undefined && title.trim() !== '') draft.title = title.trim();
  if (override.description !== undefined) draft.description = override.description;
  const read = readOperationOverride({ annotations: pickHints(hints) }).override.annotations;
  if (read !== undefined && Object.keys(read).length > 0) draft.annotations = read;
  return draft;
}

function pickHints(written: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(written).filter(([field]) => field.endsWith('Hint')));
}
