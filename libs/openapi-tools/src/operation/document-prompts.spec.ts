import { describe, expect, it } from '@jest/globals';
import { diffPrompts } from '../diff/diff-prompts.js';
import { loadDocument } from '../document/load-document.js';
import { fillPrompt, readPrompts, type DocumentPrompt } from './document-prompts.js';

const plan = { name: 'plan', title: 'Plan', description: 'Plans a day.', arguments: [{ name: 'day', description: 'As a date', required: true }, { name: 'focus' }], text: 'Plan {day}, {focus} first. JSON is {"a":1}, and {other} stays.' };
const read = (prompts: unknown) => readPrompts(loadDocument(JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, paths: {}, 'x-mcp': { prompts } })));

describe('the prompts of a document', () => {
  it('are those of x-mcp at its root', () => {
    const { prompts, notes } = read([plan]);
    expect(notes).toEqual([]);
    expect(prompts).toEqual([{ ...plan, arguments: [{ name: 'day', description: 'As a date', required: true }, { name: 'focus', required: false }] }]);
    expect(readPrompts(loadDocument('{"openapi":"3.1.0","info":{"title":"T","version":"1"},"paths":{},"x-mcp":true}'))).toEqual({ prompts: [], notes: [] });
  });

  it.each([
    ['no object', 1, 'it is not an object'],
    ['another member', { ...plan, system: 'x' }, 'it has "system"'],
    ['a bad name', { ...plan, name: 'a b' }, 'its name is not'],
    ['no description', { ...plan, description: undefined }, 'its description is no text'],
    ['no text', { ...plan, text: '' }, 'its text is no text'],
    ['a text without end', { ...plan, text: 'x'.repeat(20_001) }, 'its text is no text of at most 20000'],
    ['arguments that are no list', { ...plan, arguments: {} }, 'its arguments are no list'],
    ['an argument twice', { ...plan, arguments: [{ name: 'a' }, { name: 'a' }] }, 'its argument 2 has no name of its own'],
    ['an argument of another type', { ...plan, arguments: [{ name: 'a', required: 'yes' }] }, 'its argument 1 has'],
    ['the name of another', { ...plan, text: 'second' }, 'the name "plan" is taken'],
  ])('that are wrong are left out by name, and the others stay: %s', (_, wrong, message) => {
    const { prompts, notes } = read([plan, wrong]);
    expect(prompts.map(({ text }) => text)).toEqual([plan.text]);
    expect(notes).toEqual([{ code: 'invalid-override', at: '/x-mcp/prompts/1', message: expect.stringContaining(message) }]);
  });

  it('are none where the list is no list, and a hundred at most', () => {
    expect(read('x')).toMatchObject({ prompts: [], notes: [{ at: '/x-mcp/prompts' }] });
    expect(read(Array.from({ length: 150 }, (_, index) => ({ ...plan, name: `p${index}` }))).prompts).toHaveLength(100);
  });

  it('have no text that nobody sees', () => {
    const { prompts, notes } = read([{ ...plan, text: 'Plan\u200b {day}\u{e0041}' }]);
    expect(prompts[0]?.text).toBe('Plan {day}');
    expect(notes).toEqual([expect.objectContaining({ code: 'invisible-characters', at: '/x-mcp/prompts/0/text' })]);
  });
});

describe('a prompt filled in', () => {
  const [prompt] = read([plan]).prompts as [DocumentPrompt];

  it('has the arguments in their places, and every other brace as it was', () => {
    expect(fillPrompt(prompt, { day: '2026-11-22', focus: 'orders' })).toBe('Plan 2026-11-22, orders first. JSON is {"a":1}, and {other} stays.');
  });

  it('takes a value for text, whatever it looks like, and nothing for one that is not given', () => {
    expect(fillPrompt(prompt, { day: '{focus} $& $1' })).toBe('Plan {focus} $& $1,  first. JSON is {"a":1}, and {other} stays.');
  });
});

describe('prompts of a new revision', () => {
  const [before] = read([plan]).prompts as [DocumentPrompt];

  it.each([
    ['nothing', [before], []],
    ['a new one', [before, { ...before, name: 'more' }], [['more', 'added']]],
    ['one that is gone', [], [['plan', 'removed']]],
    ['another text', [{ ...before, text: 'Delete everything.' }], [['plan', 'description']]],
    ['letters that stand in for others', [{ ...before, text: 'Plan the dаy' }], [['plan', 'description'], ['plan', 'suspicious']]],
  ] as const)('say what changed: %s', (_, after, changes) => {
    expect(diffPrompts([before], after).map(({ tool, kind }) => [tool, kind])).toEqual(changes);
  });
});
