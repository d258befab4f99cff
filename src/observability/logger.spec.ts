import { Writable } from 'node:stream';
import { Secret } from '@gatehouse-mcp/oauth';
import { describe, expect, it } from '@jest/globals';
import { createLogger, describeError, NestLogger, scrub } from './logger.js';

const jwt = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"canary"}').toString('base64url')}.c2lnbmF0dXJl`;

/** What the logger writes. */
function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  const sink = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  write(createLogger('info', sink));
  return text;
}

describe('the log', () => {
  it('is one JSON line for each event', () => {
    const [line] = logged((logger) => logger.info({ requestId: 'r1' }, 'request')).trim().split('\n');
    expect(JSON.parse(line ?? '')).toEqual({ level: 'info', time: expect.any(String), requestId: 'r1', msg: 'request' });
  });

  it('takes fields and their error from Nest\'s logger, as well as plain text', () => {
    const [fields, text] = logged((logger) => {
      const nest = new NestLogger(logger);
      nest.error({ msg: 'failed', requestId: 'r1', err: new Error('why') }, 'HttpErrorFilter');
      nest.warn('plain', 'Context');
    })
      .trim()
      .split('\n');
    expect(JSON.parse(fields ?? '')).toMatchObject({ level: 'error', context: 'HttpErrorFilter', msg: 'failed', requestId: 'r1', err: { message: 'why' } });
    expect(JSON.parse(text ?? '')).toMatchObject({ level: 'warn', context: 'Context', msg: 'plain' });
  });

  it('R09: never shows what looks like a credential, wherever it stands', () => {
    const text = logged((logger) => {
      logger.info({ a: jwt, nested: { header: `Bearer abcdefgh12345678` }, url: 'postgresql://user:pa55word@host/db' }, `token ${jwt}`);
      logger.error({ err: new Error(`failed with ${jwt}`, { cause: new Error('Basic dXNlcjpwYXNz') }), secret: new Secret('canary-secret') }, 'x');
    });
    for (const canary of [jwt, 'abcdefgh12345678', 'pa55word', 'dXNlcjpwYXNz', 'canary-secret']) expect(text).not.toContain(canary);
  });

  it('writes an error with its causes, and none of its other properties', () => {
    const error = Object.assign(new Error('outer', { cause: Object.assign(new Error('inner'), { request: 'canary' }) }), { headers: 'canary' });
    const described = JSON.stringify(describeError(error));
    expect(described).toContain('outer');
    expect(described).toContain('inner');
    expect(described).not.toContain('canary');
  });

  it('leaves plain text as it is', () => {
    expect(scrub('API "orders" answered 500 at http://orders:8080/v1')).toBe('API "orders" answered 500 at http://orders:8080/v1');
  });
});
