import type { AuditRecord } from './audit-record.js';

const windowMs = 10_000;
const keyLimit = 10_000;

/** Lets one rate-limited refusal through for each caller and tool in ten seconds; the others would only fill the disk. */
export class RefusalWindows {
  readonly #until = new Map<string, number>();

  /** True when this refusal is the first of its window. `now` is monotonic, in milliseconds. */
  isFirst(tenantId: string, record: AuditRecord, now: number): boolean {
    const key = JSON.stringify([tenantId, record.issuer, record.subject, record.tool]);
    if ((this.#until.get(key) ?? -Infinity) > now) return false;
    this.#forgetEnded(now);
    this.#until.delete(key);
    this.#until.set(key, now + windowMs);
    return true;
  }

  /** Insertion order is the order of expiry, so the oldest stand first. */
  #forgetEnded(now: number): void {
    for (const [key, until] of this.#until) {
      if (until > now && this.#until.size < keyLimit) return;
      this.#until.delete(key);
    }
  }
}
