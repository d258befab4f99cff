import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutFolder } from '../paths.js';
import { defaultPortBase } from '../ports.js';
import { describeSystemError } from './start.error.js';

const tailLines = 15;

/** Below the checkout, one for each port base: demos with other ports may run side by side. */
export function stateFolderOf(portBase: number): StateFolder {
  return new StateFolder(join(checkoutFolder, '.gatehouse', portBase === defaultPortBase ? 'demo' : `demo-${portBase}`));
}

/** Where one demo keeps its configuration and logs. */
export class StateFolder {
  constructor(readonly path: string) {}

  create(configuration: string): void {
    try {
      mkdirSync(join(this.path, 'logs'), { recursive: true });
      writeFileSync(this.configurationFile, configuration);
    } catch (error) {
      throw describeSystemError(`${this.path} cannot be written`, error);
    }
  }

  get configurationFile(): string {
    return join(this.path, 'gatehouse.yaml');
  }

  logFile(name: string): string {
    return join(this.path, 'logs', `${name}.log`);
  }

  /** Opens a fresh log for a child's output; the caller closes it once the child has its own copy. */
  withLog<T>(name: string, use: (descriptor: number) => T): T {
    let descriptor: number;
    try {
      descriptor = openSync(this.logFile(name), 'w');
    } catch (error) {
      throw describeSystemError(`${this.logFile(name)} cannot be written`, error);
    }
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  tailOf(name: string): string {
    return readFileSync(this.logFile(name), 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n');
  }
}
