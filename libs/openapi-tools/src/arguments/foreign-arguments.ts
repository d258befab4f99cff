import { own, ownObject, type JsonObject } from '../json.js';
import { SchemaChecker } from '../schema/schema-checker.js';
import { ArgumentValidator, type ValidationResult } from './argument-validator.js';

/**
 * Makes the check of arguments against a JSON Schema that came as it is, such as that of another MCP server's tool: the same bounded
 * checks, coercions and messages as for an operation. It refuses only what it knows to be wrong; keywords and references that it does
 * not know let everything through, since the server checks too.
 * @param schema of the arguments' object, of bounded depth
 */
export function createArgumentsCheck(schema: JsonObject): (args: JsonObject) => ValidationResult {
  const definitions = ownObject(schema, '$defs') ?? {};
  const validator = new ArgumentValidator(schema, { parameters: [] }, new SchemaChecker((name) => own(definitions, name)));
  return (args) => validator.validate(args);
}
