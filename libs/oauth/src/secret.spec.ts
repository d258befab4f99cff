import { inspect } from 'node:util';
import { expect, it } from '@jest/globals';
import { Secret } from './secret.js';

it('prints as [redacted] in every way of printing', () => {
  const secret = new Secret('canary');
  const printed = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect(secret), inspect({ deep: { secret } }, { depth: 9, showHidden: true }), Object.values(secret).join()];
  expect(printed.join()).not.toContain('canary');
  expect(secret.reveal()).toBe('canary');
});
