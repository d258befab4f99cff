import { describeFailure } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../../config/configuration.error.js';
import { loadOperatorModule } from '../../config/operator-module.js';
import { native, type DefinedEntries, type DefinedServer } from './native.functions.js';

/** `readonly NativeModule[]`: what the files of `modules` make, loaded once. */
export const NATIVE_MODULES = Symbol('nativeModules');

export type NativeModule = DefinedEntries | DefinedServer;

/**
 * The entries and servers of the files that `modules` names.
 * @param paths in their order there
 * @throws ConfigurationError naming the one that is of no use
 */
export function loadNativeModules(paths: readonly string[]): readonly NativeModule[] {
  return paths.map((path, index) => {
    const problem = (message: string) => new ConfigurationError('the configuration', [{ path: `modules[${index}]`, message }]);
    const create = loadOperatorModule(path, problem);
    let made: unknown;
    try {
      made = create(native);
    } catch (error) {
      throw problem(`makes no entries (${describeFailure(error)})`);
    }
    if (isModule(made)) return made;
    throw problem('makes no entries: its default export must return what defineEntries or mountServer gives');
  });
}

/** Whoever calls defineEntries or mountServer cannot make anything else. */
const isModule = (value: unknown): value is NativeModule => typeof value === 'object' && value !== null && 'group' in value && (('entries' in value && Array.isArray(value.entries)) || ('create' in value && typeof value.create === 'function'));

export const isServer = (one: NativeModule): one is DefinedServer => 'create' in one;
export const isEntries = (one: NativeModule): one is DefinedEntries => 'entries' in one;
