import { CheckFailure } from './check.failure.js';

/** Prints the story; every check is an assertion that can fail and then ends it. */
export class Narrator {
  private checks = 0;

  constructor(private readonly print: (line: string) => void) {}

  get checkCount(): number {
    return this.checks;
  }

  open(title: string): void {
    this.print('');
    this.print(`── ${title}`);
  }

  say(text: string): void {
    for (const line of text.split('\n')) this.print(`   ${line}`);
  }

  /** @throws CheckFailure naming the promise, with what was seen instead. */
  check(promise: string, holds: boolean, seen?: unknown): void {
    if (!holds) {
      const detail = seen === undefined ? '' : `; seen: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`;
      throw new CheckFailure(`check failed: ${promise}${detail}`);
    }
    this.checks += 1;
    this.print(`   ✔ ${promise}`);
  }

  /** Like check, for a value that must be there; answers it. */
  checkPresent<T>(promise: string, value: T | undefined, seen?: unknown): T {
    if (value === undefined) throw new CheckFailure(`check failed: ${promise}; seen: ${JSON.stringify(seen)}`);
    this.check(promise, true);
    return value;
  }
}
