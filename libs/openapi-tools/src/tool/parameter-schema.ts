import type { ApiDocument } from '../document/load-document.js';
import type { JsonObject } from '../json.js';
import type { Parameter } from '../operation/operation-parameters.js';
import type { RepairList } from '../repair.js';
import type { ConvertedSchema } from '../schema/schema-definitions.js';

/** A parameter's schema with what the parameter says beside it, converted once for all operations that have the parameter. */
export function convertParameter({ definitions }: ApiDocument, parameter: Parameter, at: string, repairs: RepairList): ConvertedSchema {
  return definitions.convertShared(parameter, at, parameter.schema, parameter.below, repairs, (converted) => describe(converted, parameter));
}

function describe(schema: JsonObject, { description, isDeprecated }: Parameter): JsonObject {
  if (description === undefined && !isDeprecated) return schema;
  return { ...schema, ...(description === undefined ? {} : { description }), ...(isDeprecated ? { deprecated: true } : {}) };
}
