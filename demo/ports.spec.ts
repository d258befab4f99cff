import { describe, expect, it } from '@jest/globals';
import { derivePorts, parsePortBase, suggestPortBase } from './ports.js';

describe('the port base', () => {
  it.each(['', 'x', '80', '65304', '-1', '3e3', '3000.5'])('is not %j', (text) => {
    expect(parsePortBase(text)).toBeUndefined();
  });

  it('moves all ports', () => {
    expect(derivePorts(parsePortBase('65303') ?? 0)).toEqual({ authorizationServer: 65_304, ordersApi: 65_305, wikiServer: 65_306, gateway: 65_535 });
  });

  it.each([3000, 4000, 65_303])('that is suggested instead of %i is another usable one', (portBase) => {
    const suggestion = suggestPortBase(portBase);
    expect(suggestion).not.toBe(portBase);
    expect(parsePortBase(String(suggestion))).toBe(suggestion);
  });
});
