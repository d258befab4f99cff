import type { JsonObject } from '../json.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';
import { WrittenRoot, writeSchema } from '../schema/written-schema.js';
import { leavesObjects, rewriteForProfile } from './apply-profile.js';
import type { ClientProfile } from './client-profile.js';
import { fitSchema, type DefinitionSource, type FittedSchema } from './fit-schema.js';
import { inlineWithin } from './inline-schema.js';
import { makeTerse, shortenTexts } from './shortened-schema.js';

/** A whole schema (its definitions in `definitions`) as a tool shows it to clients of the profile, within `maxBytes` of JSON. */
export function showSchema(root: JsonObject, definitions: SchemaDefinitions, profile: ClientProfile, maxBytes: number): FittedSchema {
  const rewrite = (schema: JsonObject): JsonObject => rewriteForProfile(schema, profile);
  // A client without references: members of `allOf` can only be merged once they are inlined.
  if (!profile.refs) return inlineWithin(root, (used) => definitions.rewritten('', used, (schema) => schema), maxBytes, rewrite);
  const written = leavesObjects(profile) ? new WrittenRoot(root, (part) => definitions.write(profile.name, part, rewrite)) : writeSchema(rewrite(root));
  return fitSchema(written, definitionSource(definitions, profile.name, rewrite), maxBytes);
}

/** @param variant names `rewrite`, see {@link SchemaDefinitions.rewritten} */
export function definitionSource(definitions: SchemaDefinitions, variant: string, rewrite: (schema: JsonObject) => JsonObject): DefinitionSource {
  return {
    whole: (used) => definitions.rewritten(variant, used, rewrite),
    terse: (used) => definitions.rewritten(`${variant} terse`, used, (schema) => makeTerse(rewrite(schema))),
    short: (used, limit) => definitions.rewritten(`${variant} ${limit}`, used, (schema) => shortenTexts(rewrite(schema), limit)),
  };
}
