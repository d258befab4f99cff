import { describe, expect, it } from '@jest/globals';
import { isFromOurPage } from './page.guard.js';

const publicUrl = 'https://mcp.acme.example';

describe('where a form comes from', () => {
  it.each([
    [{ origin: publicUrl, 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: publicUrl }, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{}, false],
    [{ origin: 'null' }, false],
    [{ origin: `${publicUrl}.evil.example` }, false],
    [{ origin: 'http://mcp.acme.example' }, false],
    [{ origin: `${publicUrl}:8443` }, false],
    [{ origin: publicUrl, 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
  ])('%j is ours: %s', (headers, expected) => {
    expect(isFromOurPage({ headers, publicUrl })).toBe(expected);
  });
});
