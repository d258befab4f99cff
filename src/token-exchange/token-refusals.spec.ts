import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { TokenGrantError } from '@gatehouse-mcp/oauth';
import { TokenRefusals } from './token-refusals.js';

const refusal = (error: string) => new TokenGrantError(error, error, undefined, undefined);
let now = 0;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('refusals of authorization servers', () => {
  it.each([
    [0, 5_000],
    [1, 15_000],
  ])('are kept for 5 to 15 seconds: with jitter %i for %i ms', (jitter, lifetime) => {
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const refusals = new TokenRefusals();
    const error = refusal('invalid_grant');
    now = 1_000;
    refusals.add('a', error, jitter);
    now += lifetime - 1;
    expect(refusals.find('a')).toBe(error);
    now += 1;
    expect(refusals.find('a')).toBeUndefined();
  });

  it.each(['invalid_client', 'unreachable', 'invalid_response', 'temporarily_unavailable'])('are not kept where the next answer may be another: %s', (error) => {
    const refusals = new TokenRefusals();
    refusals.add('a', refusal(error));
    refusals.add('b', new Error('bug'));
    expect([refusals.find('a'), refusals.find('b')]).toEqual([undefined, undefined]);
  });

  it('are bounded: the oldest goes first', () => {
    const refusals = new TokenRefusals();
    for (let index = 0; index <= 10_000; index += 1) refusals.add(`${index}`, refusal('access_denied'));
    expect(refusals.find('0')).toBeUndefined();
    expect(refusals.find('10000')).toBeDefined();
  });
});
