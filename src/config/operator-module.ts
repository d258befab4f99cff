import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { describeFailure } from '@gatehouse-mcp/oauth';
import type { ConfigurationError } from './configuration.error.js';
import type { LoadedConfiguration } from './configuration.file.js';

/** Absolute paths of the files that `modules` names. */
export const moduleFiles = ({ settings, folder }: LoadedConfiguration): readonly string[] => settings.modules.map((reference) => resolve(folder, reference.replace(/^file:/, '')));

/**
 * The default export of a file of the operator's own. It is an ES module, TypeScript that only has to be stripped of its types, or
 * CommonJS: Node's require takes them all, as long as nothing awaits at the top.
 * @param path absolute
 * @param problem makes the error that names the setting
 */
export function loadOperatorModule(path: string, problem: (message: string) => ConfigurationError): (...parts: readonly unknown[]) => unknown {
  let loaded: unknown;
  try {
    loaded = createRequire(path)(path);
  } catch (error) {
    throw problem(`cannot be loaded (${describeFailure(error)})`);
  }
  const create = typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
  if (typeof create !== 'function') throw problem('has no default export that is a function');
  return (...parts) => Reflect.apply(create, undefined, parts);
}
