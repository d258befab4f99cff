import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { codeOf } from '../loopback/error-code.js';

/** The gateway's embedded PostgreSQL, as seen from outside: where it is kept and how its administrator connects. */
export class EmbeddedDatabase {
  /** Under root it lies outside the checkout, because PostgreSQL refuses root and its user may be locked out of here. */
  readonly home: string;
  private readonly isOutside: boolean;
  private readonly wasThere: boolean;

  /** @param folder what the gateway keeps the database for: the existing folder of its configuration. */
  constructor(folder: string) {
    const path = realpathSync(folder);
    const outside = `/var/tmp/gatehouse-${createHash('sha256').update(path).digest('hex').slice(0, 16)}`;
    this.home = process.getuid?.() === 0 ? outside : join(path, '.gatehouse', 'postgres');
    this.isOutside = !this.home.startsWith(path + sep);
    this.wasThere = exists(this.home);
  }

  /** Can be read once the gateway is ready. */
  readAdminUrl(): string {
    // Written by the gateway's own process when the database was ready.
    const { port, adminPassword } = JSON.parse(readFileSync(join(this.home, 'cluster.json'), 'utf8')) as { port: number; adminPassword: string };
    return `postgresql://gatehouse_admin:${adminPassword}@127.0.0.1:${port}/gatehouse`;
  }

  /** After the gateway has stopped: removes what this run made outside the checkout, never what it found there. */
  removeWhatWasMade(): void {
    if (this.isOutside && !this.wasThere && isOwnFolder(this.home)) rmSync(this.home, { recursive: true, force: true });
  }
}

function exists(path: string): boolean {
  return lstat(path) !== undefined;
}

function isOwnFolder(path: string): boolean {
  const found = lstat(path);
  return found !== undefined && found.isDirectory() && found.uid === process.getuid?.();
}

function lstat(path: string) {
  try {
    return lstatSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
