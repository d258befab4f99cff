import { ownObject } from '../json.js';
import type { CompiledOperation } from '../tool/compile-operation.js';
import { shownKeys } from '../tool/nested-arguments.js';
import { pagingArguments } from './continuation.js';
import { compileProjection, ProjectionError, type Projection } from './projection.js';
import type { ShapeOptions } from './shape-result.js';

/** How the answers of a compiled operation are shaped: its projection, its paging arguments, its output schema. Keep it with the operation. */
export function shapeOptionsOf(compiled: CompiledOperation): ShapeOptions {
  const { operation, output, tool } = compiled;
  const properties = ownObject(tool.inputSchema, 'properties') ?? {};
  const { groups } = compiled.binding;
  const projection = projectionOf(operation.override?.response?.projection);
  return {
    paging: pagingArguments(shownKeys(properties, groups), (key) => (groups === undefined ? key : key.slice(key.indexOf('.') + 1))),
    ...(projection === undefined ? {} : { projection }),
    ...(output === undefined ? {} : { accepts: (value) => output.accepts(value) }),
  };
}

/** One that cannot be compiled was meant to keep something back, so it shows nothing. */
function projectionOf(path: string | undefined): Projection | undefined {
  if (path === undefined) return undefined;
  try {
    return compileProjection(path);
  } catch (error) {
    if (!(error instanceof ProjectionError)) throw error;
    return { path, select: () => undefined };
  }
}
