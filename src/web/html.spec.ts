import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';

describe('the markup of a page', () => {
  it('escapes every character that ends a text or an attribute', () => {
    expect(html`<a title="${`"><script>'&\``}">${'<b>'}</a>`.text).toBe('<a title="&#34;&#62;&#60;script&#62;&#39;&#38;&#96;">&#60;b&#62;</a>');
  });

  it('keeps markup that is its own, and lists of it', () => {
    expect(html`<ul>${['a', '<'].map((item) => html`<li>${item}</li>`)}</ul>`.text).toBe('<ul><li>a</li><li>&#60;</li></ul>');
  });

  it('leaves out what is not there, and not a zero', () => {
    expect(html`[${undefined}${false}${0}${[]}]`.text).toBe('[0]');
  });
});
