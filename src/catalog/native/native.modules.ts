import { describeFailure } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from '../../config/configuration.error.js';
import { loadOperatorModule } from '../../config/operator-module.js';
import { native, type DefinedEntries } from './native.functions.js';

/**
 * The entries of the files that `modules` names.
 * @param paths in their order there
 * @throws ConfigurationError naming the one that is of no use
 */
export function loadNativeModules(paths: readonly string[]): readonly DefinedEntries[] {
  return paths.map((path, index) => {
    const problem = (message: string) => new ConfigurationError('the configuration', [{ path: `modules[${index}]`, message }]);
    const create = loadOperatorModule(path, problem);
    let made: unknown;
    try {
      made = create(native);
    } catch (error) {
      throw problem(`makes no entries (${describeFailure(error)})`);
    }
    if (!isEntries(made)) throw problem('makes no entries: its default export must return what defineEntries gives');
    return made;
  });
}

/** Whoever calls defineEntries cannot make anything else. */
const isEntries = (value: unknown): value is DefinedEntries => typeof value === 'object' && value !== null && 'group' in value && 'entries' in value && Array.isArray(value.entries);
