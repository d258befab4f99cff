import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { escapeField, fieldLimit } from './field.js';

describe('escapeField', () => {
  it('keeps ordinary text, delimiters and other scripts as they are', () => {
    for (const text of ['', 'orders.create', 'auth0|1234', 'CN=Alice, O=Acme', 'Zoë 李雷 🚀']) expect(escapeField(text)).toBe(text);
  });

  it.each([
    ['a line break that forges a record', 'a\r\nb', 'a\\u{d}\\u{a}b'],
    ['a terminal command', '\u001b[2J', '\\u{1b}[2J'],
    ['a C1 control', '\u009b2J', '\\u{9b}2J'],
    ['NUL, which PostgreSQL cannot hold', 'a\0b', 'a\\u{0}b'],
    ['bidi marks', '\u202egpj\u2066', '\\u{202e}gpj\\u{2066}'],
    ['zero-width characters', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['line separators', 'a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['tag characters', 'a\u{e0041}', 'a\\u{e0041}'],
    ['a lone surrogate', 'a\ud800b', 'a\\u{d800}b'],
    ['a backslash', 'ACME\\alice', 'ACME\\\\alice'],
  ])('escapes %s', (_name, text, escaped) => {
    expect(escapeField(text)).toBe(escaped);
  });

  it('never makes two texts the same field', () => {
    expect(escapeField('\n')).not.toBe(escapeField('\\u{a}'));
    expect(escapeField(`${'a'.repeat(fieldLimit)}\\truncated{1025,00}`)).not.toContain('a\\truncated{1025,00}');
  });

  it('cuts 10 MB and keeps the length and the hash of the whole', () => {
    const text = 'x'.repeat(10 * 1024 * 1024);
    const field = escapeField(text);
    expect(field).toBe(`${'x'.repeat(fieldLimit)}\\truncated{${text.length},${createHash('sha256').update(text).digest('hex')}}`);
    expect(escapeField(`${text.slice(0, -1)}y`)).not.toBe(field);
  });

  it('cuts within a surrogate pair without leaving half of it', () => {
    expect(escapeField(`${'x'.repeat(fieldLimit - 1)}🚀`).isWellFormed()).toBe(true);
  });
});
