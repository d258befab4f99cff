import type { ApiDocument } from '../document/load-document.js';
import type { JsonObject } from '../json.js';
import type { Parameter } from '../operation/operation-parameters.js';
import type { RepairList } from '../repair.js';
import type { ConvertedSchema } from '../schema/schema-definitions.js';

/** A parameter's schema with what the parameter says beside it; converted once where operations share the parameter. */
export function convertParameter({ definitions }: ApiDocument, parameter: Parameter, repairs: RepairList): ConvertedSchema {
  const { schema, at, isShared } = parameter;
  if (isShared) return definitions.convertShared(parameter, schema, at, repairs, (converted) => describe(converted, parameter));
  const converted = definitions.convert(schema, at, repairs);
  return { schema: describe(converted.schema, parameter), uses: converted.uses };
}

function describe(schema: JsonObject, { description, isDeprecated }: Parameter): JsonObject {
  if (description === undefined && !isDeprecated) return schema;
  return { ...schema, ...(description === undefined ? {} : { description }), ...(isDeprecated ? { deprecated: true } : {}) };
}
