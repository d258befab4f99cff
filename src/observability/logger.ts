import { Injectable, type LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';

/** Token shapes: a JWT, and a bearer credential as a header writes it. */
const TOKEN_SHAPES = /eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){1,4}|(?<=\b(?:bearer|basic) )[A-Za-z0-9\-._~+/]{8,}=*/gi;
const URL_PASSWORD = /(?<=:\/\/[^:@/\s]*:)[^@/\s]+(?=@)/g;

/** One cheap look at a line: most hold nothing of the kind. */
const SUSPICIOUS = /eyJ|bearer |basic |:\/\/[^/\s]*@/i;

/** Takes anything that looks like a credential out of a text that is about to be logged. */
export function scrub(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text.replace(TOKEN_SHAPES, '[redacted]').replace(URL_PASSWORD, '[redacted]');
}

/** A write for each line costs a twelfth of a call; a second's worth is written at once, and the rest when the process ends. */
const BUFFERED = { dest: 1, sync: false, minLength: 8 * 1024, periodicFlush: 1_000 };

/** For a process whose standard output is its protocol. */
export const standardError = (): DestinationStream => pino.destination({ ...BUFFERED, dest: 2 });

/** One JSON line for each event, on standard output. Errors are written by hand, so that no library's fields slip in. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
    hooks: { streamWrite: scrub },
  };
  return pino(options, destination ?? pino.destination(BUFFERED));
}

/** Name, message and stack of an error and of its causes; never the other properties, which may hold requests or secrets. */
export function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Nest's own messages and ours, which come through its Logger, as lines of the same log. A message may be an object of fields. */
@Injectable()
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    // Nest announces each module and route at start; that belongs to a debugging session.
    this.#write('debug', message, { context });
  }

  error(message: unknown, ...rest: unknown[]): void {
    const [stack, context] = rest.length > 1 ? rest : [undefined, rest[0]];
    this.#write('error', message, { context, ...(stack ? { stack } : {}) });
  }

  warn(message: unknown, context?: string): void {
    this.#write('warn', message, { context });
  }

  #write(level: 'debug' | 'warn' | 'error', message: unknown, fields: object): void {
    if (typeof message === 'object' && message !== null) this.logger[level]({ ...fields, ...message });
    else this.logger[level](fields, String(message));
  }
}
