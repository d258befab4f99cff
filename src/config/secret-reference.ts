import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Secret } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from './configuration.error.js';
import { noProxyOf, type Environment } from './environment.js';

/** Reads what secret references stand for: `env:NAME` and `file:PATH`, the latter relative to the configuration's folder. */
export class SecretReader {
  readonly #folder: string;
  readonly #environment: Environment;

  constructor(folder: string, environment: Environment) {
    this.#folder = folder;
    this.#environment = environment;
  }

  /**
   * @param setting the path of the setting, for the error message
   * @throws ConfigurationError when the variable is unset or the file cannot be read
   */
  read(reference: string, setting: string): Secret {
    const separator = reference.indexOf(':');
    const target = reference.slice(separator + 1);
    const value = reference.startsWith('env:') ? this.#environment[target] : readSecretFile(this.pathOf(reference));
    if (value === undefined || value === '') {
      const reason = reference.startsWith('env:') ? `environment variable ${target} is not set` : `file ${target} cannot be read or is empty`;
      throw new ConfigurationError('the configuration', [{ path: setting, message: reason }]);
    }
    return new Secret(value);
  }

  /** What the environment says of the proxy's exemptions. */
  get noProxy(): string | undefined {
    return noProxyOf(this.#environment);
  }

  /** The absolute path of a `file:` reference. */
  pathOf(reference: string): string {
    return resolve(this.#folder, reference.slice(reference.indexOf(':') + 1));
  }
}

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
