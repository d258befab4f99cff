import { GatewayError } from '../../errors/gateway.error.js';

const embeddedDatabase = { code: 'embedded_database', status: 503 };

/** One clear line on why the embedded PostgreSQL cannot serve. */
export function refuse(message: string, cause?: unknown): GatewayError {
  return new GatewayError(embeddedDatabase, `Embedded PostgreSQL: ${message}`, { cause });
}

/** Code of a failure of Node's own modules, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** One clear line for a failure of the file system or of a PostgreSQL program, whose output goes into `cause`. */
export function explain(error: unknown, home: string): GatewayError {
  if (error instanceof GatewayError) return error;
  const text = String(error);
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left on device|disk quota exceeded/i.test(text)) {
    return refuse(`no disk space left for ${home}`, error);
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return refuse(`no permission to write ${home}`, error);
  return refuse(text.replace(/^Error: /, '').split('\n')[0] ?? text, error);
}
