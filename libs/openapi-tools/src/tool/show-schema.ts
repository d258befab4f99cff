import type { JsonObject } from '../json.js';
import type { SchemaDefinitions } from '../schema/schema-definitions.js';
import { writeSchema, type WrittenSchema } from '../schema/written-schema.js';
import { leavesObjects, rewriteForProfile } from './apply-profile.js';
import { WrittenArguments, type ArgumentsSchema } from './arguments-schema.js';
import type { ClientProfile } from './client-profile.js';
import { fitSchema, type DefinitionSource, type FittedSchema } from './fit-schema.js';
import { inlineWithin } from './inline-schema.js';
import { makeTerse, prune, shortenTexts } from './shortened-schema.js';

/** The schema of a tool's arguments as {@link showSchema} shows it; what arguments of several tools share is written once. */
export function showArguments(whole: ArgumentsSchema, definitions: SchemaDefinitions, profile: ClientProfile, maxBytes: number): FittedSchema {
  if (!profile.refs || !leavesObjects(profile)) return showSchema(whole.schema, definitions, profile, maxBytes);
  const rewrite = (schema: JsonObject): JsonObject => rewriteForProfile(schema, profile);
  const written = new WrittenArguments(whole, (part) => definitions.write(profile.name, part, rewrite));
  return fitSchema(written, definitionSource(definitions, profile.name, rewrite), maxBytes);
}

/** A whole schema (its definitions in `definitions`) as a tool shows it to clients of the profile, within `maxBytes` of JSON. */
export function showSchema(root: JsonObject, definitions: SchemaDefinitions, profile: ClientProfile, maxBytes: number): FittedSchema {
  const rewrite = (schema: JsonObject): JsonObject => rewriteForProfile(schema, profile);
  // A client without references: members of `allOf` can only be merged once they are inlined.
  if (!profile.refs) return inlineWithin(root, (used) => definitions.rewritten('', used, (schema) => schema), maxBytes, rewrite);
  return fitSchema(writeSchema(rewrite(root)), definitionSource(definitions, profile.name, rewrite), maxBytes);
}

/** @param variant names `rewrite`, see {@link SchemaDefinitions.rewritten} */
export function definitionSource(definitions: SchemaDefinitions, variant: string, rewrite: (schema: JsonObject) => JsonObject): DefinitionSource {
  const whole = (used: string): WrittenSchema | undefined => definitions.rewritten(variant, used, rewrite);
  const terseVariant = `${variant} terse`;
  const terse = (used: string): WrittenSchema | undefined => definitions.rewritten(terseVariant, used, (schema) => makeTerse(whole(used)?.schema ?? schema));
  return {
    whole,
    terse,
    short: (limit) => {
      const short = `${variant} ${limit}`;
      return (used) => definitions.rewritten(short, used, (schema) => shortenTexts(whole(used)?.schema ?? schema, limit));
    },
    pruned: (used, depth) => definitions.rewritten(`${variant} pruned ${depth}`, used, (schema) => prune(terse(used)?.schema ?? schema, depth)),
  };
}
