import { describe, expect, it } from '@jest/globals';
import { paginate } from './tool-pages.js';

const tools = (count: number, prefix = 'tool') => Array.from({ length: count }, (_, index) => ({ name: `${prefix}_${index}`, json: `"${prefix}_${index}"` }));

function walk(pages: ReturnType<typeof paginate>): string[] {
  const names: string[] = [];
  for (let page = pages.get(''); page; page = page.nextCursor === undefined ? undefined : pages.get(page.nextCursor)) names.push(...(JSON.parse(page.tools.toString()) as string[]));
  return names;
}

describe('the pages of a list', () => {
  it('have every tool once, in the order of the list, and the same cursors each time', () => {
    const pages = paginate(tools(25), 'view', 10);
    expect(walk(pages)).toEqual(tools(25).map(({ name }) => name));
    expect([...pages.keys()]).toEqual([...paginate(tools(25), 'view', 10).keys()]);
    expect(pages.size).toBe(3);
  });

  it('are one where nothing is to be cut, an empty list too', () => {
    expect([...paginate([], 'view').values()]).toEqual([{ tools: Buffer.from('[]'), nextCursor: undefined }]);
    expect([...paginate(tools(10), 'view', 10).keys()]).toEqual(['']);
  });

  it('end before an answer is too large', () => {
    const large = Array.from({ length: 3 }, (_, index) => ({ name: `t${index}`, json: JSON.stringify('x'.repeat(3 * 1024 * 1024)) }));
    expect(paginate(large, 'view').size).toBe(3);
  });

  it.each([
    ['another view with the same tools', paginate(tools(25), 'other', 10)],
    ['other tools', paginate(tools(25, 'else'), 'view', 10)],
    ['the list before a tool was added', paginate(tools(26), 'view', 10)],
    ['the list before a tool was taken away', paginate(tools(24), 'view', 10)],
  ])('have no cursor of %s', (_, other) => {
    const own = [...paginate(tools(25), 'view', 10).keys()].slice(1);
    expect(own.map((cursor) => other.get(cursor))).toEqual([undefined, undefined]);
  });
});
