import { z } from 'zod';
import { configurationSchema } from './configuration.schema.js';
import { descriptions } from './schema.descriptions.js';

/** A node of the JSON Schema, as far as it is walked here. */
interface SchemaNode {
  description?: string;
  required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

/** Called with a key of `gatehouse.yaml`, such as `apis[].name` or `providers.*.issuer`. */
export type Visit = (path: string, node: SchemaNode) => void;

/** `gatehouse.yaml` as JSON Schema (draft 7, which editors know), from the schema that validates it. */
export function createJsonSchema(): Record<string, unknown> {
  // What only code can check, such as the shape of `overrides`, takes anything here.
  const schema = z.toJSONSchema(configurationSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  // The same object, by the names that are walked here.
  const root = schema as SchemaNode;
  visitKeys(root, (path, node) => {
    const description = descriptions[path];
    if (description !== undefined) node.description = description;
  });
  // Environment variables may stand in for any of them.
  delete root.required;
  return { ...schema, title: 'gatehouse.yaml', description: 'The configuration of Gatehouse. Secrets are references: env:NAME or file:PATH.' };
}

/** Visits each key, under each alternative that has it. */
export function visitKeys(node: SchemaNode, visit: Visit, path = ''): void {
  for (const alternative of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) visitKeys(alternative, visit, path);
  if (node.items) visitKeys(node.items, visit, `${path}[]`);
  if (typeof node.additionalProperties === 'object') visitKeys(node.additionalProperties, visit, `${path}.*`);
  for (const [key, inner] of Object.entries(node.properties ?? {})) {
    const at = path === '' ? key : `${path}.${key}`;
    visit(at, inner);
    visitKeys(inner, visit, at);
  }
}
