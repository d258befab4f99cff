import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Keys of 256 bits that all replicas share and nobody configures; each is read once. */
@Injectable()
export class GatewayKeys {
  readonly #keys = new Map<string, Promise<Uint8Array>>();

  constructor(@Inject(DataSource) private readonly source: DataSource) {}

  read(purpose: 'request-state'): Promise<Uint8Array> {
    const known = this.#keys.get(purpose) ?? this.#load(purpose);
    this.#keys.set(purpose, known);
    known.catch(() => this.#keys.delete(purpose));
    return known;
  }

  async #load(purpose: string): Promise<Uint8Array> {
    const [row] = await this.source.query<{ key: Buffer }[]>('SELECT key FROM gatehouse.gateway_keys WHERE purpose = $1', [purpose]);
    if (!row) throw new Error(`the database has no key for ${purpose}; run "gatehouse apply"`);
    return new Uint8Array(row.key);
  }
}
