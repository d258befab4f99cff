import { describe, expect, it } from '@jest/globals';
import { splitWords, type SearchTerms } from '../catalog/search-terms.js';
import { ToolIndex } from './tool-index.js';

/** A tool that says these words, each once. */
function tool(text: string): SearchTerms {
  const terms = [...new Set(splitWords(text))];
  return { terms, weights: new Float32Array(terms.length).fill(1), length: terms.length };
}

const positions = (index: ToolIndex, query: string, limit = 10) => index.search(query, limit).map(({ position }) => position);

describe('the words of a text', () => {
  it.each([
    ['listOrders', ['list', 'order']],
    ['list_orders', ['list', 'order']],
    ['GET /v1/orders/{orderId}', ['get', 'v1', 'order', 'order', 'id']],
    ['XMLHttpRequest', ['xml', 'http', 'request']],
    ['categories, the status of this address', ['category', 'the', 'status', 'of', 'this', 'address']],
    ['Größe der Straße', ['größe', 'der', 'straße']],
    ['page[size]', ['page', 'size']],
    ['!?', []],
  ])('of %j are %j', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });

  it('are bounded in number and length', () => {
    expect(splitWords('word '.repeat(10_000))).toHaveLength(256);
    expect(splitWords('x'.repeat(100_000))).toEqual(['x'.repeat(32)]);
  });
});

describe('a search', () => {
  const index = new ToolIndex(['list order', 'create order', 'delete order item', 'list customer', 'read the weather'].map(tool));

  it('puts what fits more words, and rarer ones, first', () => {
    expect(positions(index, 'list orders')[0]).toBe(0);
    expect(positions(index, 'delete an order')[0]).toBe(2);
    expect(positions(index, 'weather')).toEqual([4]);
  });

  it('keeps the order of the list among tools that fit equally well, each time', () => {
    const same = new ToolIndex(['b order', 'a order', 'c order'].map(tool));
    for (let time = 0; time < 3; time += 1) expect(positions(same, 'order')).toEqual([0, 1, 2]);
  });

  it('finds nothing for words that no tool has, and at most as many as were asked for', () => {
    expect(positions(index, 'invoice')).toEqual([]);
    expect(positions(index, '')).toEqual([]);
    expect(positions(index, 'order list', 2)).toHaveLength(2);
    expect(new ToolIndex([]).search('order', 5)).toEqual([]);
  });

  it('takes words like those of Object.prototype for words', () => {
    expect(positions(index, 'constructor __proto__ toString')).toEqual([]);
    expect(positions(new ToolIndex([tool('constructor')]), 'constructor')).toEqual([0]);
  });

  it('counts a word of the query once, and no more than a query may have', () => {
    expect(index.search('order order order', 1)).toEqual(index.search('order', 1));
    expect(positions(index, `${Array.from({ length: 40 }, (_, number) => `w${number}x`).join(' ')} weather`)).toEqual([]);
  });
});
