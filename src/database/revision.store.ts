import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { adoptDocument } from './revisions.apply.js';

/** The one change of the configuration that a running replica may make. */
@Injectable()
export class RevisionStore {
  constructor(@Inject(DataSource) private readonly source: DataSource) {}

  /** Puts another stored document of an API or server in force; undefined when `expected` no longer is. */
  async adopt(key: string, expected: string | null, adopted: string): Promise<string | undefined> {
    return adoptDocument(this.source, key, expected, adopted);
  }
}
