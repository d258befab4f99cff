import { inspect } from 'node:util';

/**
 * A value that must not be shown: every way of printing it (string conversion, JSON, `util.inspect`) yields
 * `[redacted]`. Only {@link Secret.reveal} returns the value, and it stands only on the line that sends it.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
