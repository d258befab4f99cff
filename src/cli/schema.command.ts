import { createJsonSchema } from '../config/json-schema.js';
import { UsageError } from './usage.error.js';

/** `schema`: the JSON Schema of `gatehouse.yaml`, for editors. */
export async function schema(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new UsageError('schema takes no arguments');
  console.log(JSON.stringify(createJsonSchema(), null, 2));
  return 0;
}
