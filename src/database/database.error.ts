import { GatewayError, type GatewayErrorKind } from '../errors/gateway.error.js';

export const databaseUnavailable: GatewayErrorKind = { code: 'database_unavailable', status: 503 };

/** Socket errors of Node and errors of pg that have no SQLSTATE; all mean that no answer came. */
const socketCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
const lostConnection =
  /^(timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated.*|Client has encountered a connection error.*|Client was closed.*|Client network socket disconnected.*|The server does not support SSL.*)$/i;
/** What TypeORM says of a connection that reported an error in the middle of its transaction. */
const lostRunner = /^QueryRunner(Provider)?AlreadyReleasedError$/;
/** SQLSTATE 08 connection, 53 resources (disk full, too many connections), 57 operator (shutdown, timeout), 58 system. */
const unavailableStates = /^(08|53|57|58|25P0[34]|28)/;

/** SQLSTATE or socket code of a failure of pg or TypeORM, whose QueryFailedError carries the driver's error. */
export function databaseCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('driverError' in error && error.driverError !== error) return databaseCode(error.driverError) ?? ownCode(error);
  // Node's happy eyeballs wraps one refusal for each address.
  if (ownCode(error) === undefined && 'errors' in error && Array.isArray(error.errors)) return databaseCode(error.errors[0]);
  return ownCode(error);
}

/** True when the database gave no usable answer, as opposed to a refusal of the statement itself. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = databaseCode(error);
  if (code !== undefined) return socketCodes.has(code) || (code.length === 5 && unavailableStates.test(code));
  return error instanceof Error && (lostConnection.test(error.message) || lostRunner.test(error.name));
}

/** The public form of a database failure; anything that is not the database's absence passes through unchanged. */
export function toGatewayError(error: unknown): unknown {
  if (error instanceof GatewayError || !isDatabaseUnavailable(error)) return error;
  return new GatewayError(databaseUnavailable, 'The database is not available', { cause: error, headers: { 'retry-after': '2' } });
}

/** Runs work on the database; its absence becomes one GatewayError, here and nowhere else. */
export async function onDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toGatewayError(error);
  }
}

const startReasons: ReadonlyMap<string, string> = new Map([
  ['28P01', 'it refuses the login'],
  ['28000', 'it refuses the login'],
  ['3D000', 'the database does not exist'],
  ['3F000', 'it is not prepared; run gatehouse apply'],
  ['42P01', 'it is not prepared; run gatehouse apply'],
  ['42501', 'the login lacks rights; run gatehouse apply'],
]);

/** One clear line for a start without a database: it names the setting, never the URL, which holds a password. */
export function connectionRefusal(setting: string, error: unknown): GatewayError {
  const code = databaseCode(error);
  const reason = startReasons.get(code ?? '') ?? `no connection${code ? ` (${code})` : ''}`;
  return new GatewayError(databaseUnavailable, `Cannot use the database of ${setting}: ${reason}`, { cause: error });
}

function ownCode(error: object): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
