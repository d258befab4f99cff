import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const probeMs = 1_000;

/** Whether the database answers, for `/readyz`. */
@Injectable()
export class DatabaseHealth {
  readonly #source: DataSource;
  #probe: Promise<boolean> | undefined;

  constructor(source: DataSource) {
    this.#source = source;
  }

  /** True when a statement is answered within a second; probes that overlap share one statement. */
  isReady(): Promise<boolean> {
    this.#probe ??= this.#ask().finally(() => {
      this.#probe = undefined;
    });
    return this.#probe;
  }

  async #ask(): Promise<boolean> {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), probeMs);
    const answered = this.#source.query('SELECT 1').then(
      () => true,
      () => false,
    );
    try {
      return await Promise.race([answered, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
