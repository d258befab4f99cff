import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddingsEndpoint } from '../tools/embeddings-endpoint.js';
import { TestWorkspace } from '../tools/workspace.js';

const KEY = 'sk-canary-4f1d9c';

let endpoint: EmbeddingsEndpoint;
let workspace: TestWorkspace;

beforeAll(async () => {
  endpoint = await EmbeddingsEndpoint.start();
  workspace = await TestWorkspace.start({ embeddings: { url: endpoint.url, model: 'pets', apiKey: 'env:EMBEDDINGS_KEY', timeout: '500ms' } }, { allow: [endpoint.host], secrets: { EMBEDDINGS_KEY: KEY } });
  for (const [title, text] of [['Whiskers', 'The cat purrs, the kitten purrs.'], ['Household', 'A cat and a dog.'], ['Rex', 'The dog barks at a puppy.'], ['Mortgage', 'The bank wants interest.']]) {
    await workspace.made('alice', 'write_document', { title, text });
  }
});
afterAll(async () => {
  await workspace?.stop();
  endpoint?.stop();
});
beforeEach(() => {
  endpoint.misbehave = undefined;
  endpoint.requests.length = 0;
});

const find = async (user: string, text: string, limit = 10) => workspace.made(user, 'search_similar', { text, limit });
const titlesOf = ({ items }: Record<string, unknown>) => (items as { title: string }[]).map(({ title }) => title);

describe('a search by meaning', () => {
  it('finds the documents whose vectors are nearest, in their order, and says how near', async () => {
    const found = await find('alice', 'kitten');
    expect(titlesOf(found)).toEqual(['Whiskers', 'Household', 'Mortgage', 'Rex']);
    const similarities = (found['items'] as { similarity: number }[]).map(({ similarity }) => similarity);
    expect(similarities).toEqual(similarities.toSorted((one, other) => other - one));
    // (1, 0, 0, 0.1) and (1, 1, 0, 0.1)
    expect(similarities[1]).toBeCloseTo(1.01 / Math.sqrt(1.01 * 2.01), 3);
    expect(found['pending']).toBe(0);
  });

  it('reads a document once, until it changes', async () => {
    await find('alice', 'dog');
    const [first] = endpoint.requests;
    expect(first).toMatchObject({ headers: { authorization: `Bearer ${KEY}` }, body: { model: 'pets', input: ['dog'] } });
    const { id } = await workspace.made('alice', 'write_document', { title: 'Changing', text: 'A loan.' });
    expect(titlesOf(await find('alice', 'loan'))).toContain('Changing');
    await workspace.made('alice', 'write_document', { document: id, text: 'A puppy.' });
    expect(titlesOf(await find('alice', 'puppy', 2))).toContain('Changing');
    expect(endpoint.requests.map(({ body }) => body.input.length)).toEqual([1, 2, 2]);
    await workspace.call('alice', 'delete_document', { document: id });
    expect(titlesOf(await find('alice', 'puppy'))).not.toContain('Changing');
  });

  it("sees nobody else's documents, and sends none of them away", async () => {
    await workspace.made('dave', 'write_document', { title: "Dave's", text: 'A cat.' });
    for (const user of ['dave', 'bob']) {
      endpoint.requests.length = 0;
      expect(titlesOf(await find(user, 'cat'))).toEqual(user === 'dave' ? ["Dave's"] : []);
      expect(JSON.stringify(endpoint.requests.map(({ body }) => body))).not.toMatch(/Whiskers|Rex/);
    }
  });

  it.each<[string, NonNullable<EmbeddingsEndpoint['misbehave']>, RegExp]>([
    ['is broken, and repeats the key', (response) => endpoint.answer(response, { error: `bad key ${KEY}` }, 500), /the endpoint answered 500$/],
    ['refuses the key', (response) => endpoint.answer(response, `no ${KEY}`, 401), /the endpoint answered 401$/],
    ['sends it elsewhere', (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(), /the endpoint answered 307$/],
    ['is slow', () => undefined, /did not answer within 0.5 s/],
    ['hangs up', (response) => response.destroy(), /cannot be reached|gave no complete answer/],
    ['brings no JSON', (response) => endpoint.answer(response, `<html>${KEY}`), /the endpoint brought no JSON$/],
    ['brings something else', (response) => endpoint.answer(response, { data: [{ index: 0, embedding: [KEY] }] }), /brought no list of vectors$/],
    ['brings too few', (response) => endpoint.answer(response, { data: [] }), /brought 0 vectors for \d texts$/],
    ['brings one twice', (response, { body }) => endpoint.answer(response, { data: body.input.map(() => ({ index: 0, embedding: [1] })) }), /brought 1 vectors for 2 texts$/],
    ['brings numbers of other sizes', (response) => endpoint.answer(response, { data: [{ index: 0, embedding: [1, 2] }, { index: 1, embedding: [1, 2, 3] }] }), /brought a vector of 3 dimensions in place of 2$/],
    ['brings no direction', (response, { body }) => endpoint.answer(response, { data: body.input.map((_, index) => ({ index, embedding: [0, 0] })) }), /that has no direction$/],
    ['brings too much', (response) => endpoint.answer(response, `[${'1,'.repeat(6_000_000)}1]`), /more than \d+ bytes/],
  ])('says what is wrong, without the key, when the endpoint %s', async (_, misbehave, message) => {
    const { id } = await workspace.made('alice', 'write_document', { title: 'Unread', text: 'A cat.' });
    endpoint.misbehave = misbehave;
    const text = await workspace.refusal('alice', 'search_similar', { text: 'cat' });
    expect(text).toMatch(message);
    expect(text).not.toContain(KEY);
    // Nothing else needs the endpoint, and what it said is not kept.
    expect(await workspace.made('alice', 'read_document', { document: id })).toMatchObject({ title: 'Unread' });
    endpoint.misbehave = undefined;
    expect(titlesOf(await find('alice', 'cat'))).toContain('Unread');
    await workspace.call('alice', 'delete_document', { document: id });
  });

  it.each(["x'; DROP TABLE workspace_embeddings; --", "{1}'::real[]) --", '$1'])('takes SQL for a text: %s', async (sql) => {
    expect((await find('alice', sql))['items']).toHaveLength(4);
    expect(endpoint.requests.at(-1)?.body.input[0]).toBe(sql);
  });

  it('makes vectors anew when the model has begun to bring others', async () => {
    const longer: EmbeddingsEndpoint['misbehave'] = (response, { body }) => endpoint.answer(response, { data: body.input.map((_, index) => ({ index, embedding: [1, 1, 1, 1, 1] })) });
    endpoint.misbehave = longer;
    expect(await find('alice', 'cat')).toEqual({ items: [], pending: 4 });
    expect(await find('alice', 'cat')).toMatchObject({ items: [{ similarity: 1 }, { similarity: 1 }, { similarity: 1 }, { similarity: 1 }], pending: 0 });
  });
});

describe('an endpoint', () => {
  it('outside of what egress allows is not connected', async () => {
    const closed = await TestWorkspace.start({ embeddings: { url: endpoint.url, model: 'pets', dimensions: 4 } });
    try {
      expect(await closed.refusal('alice', 'search_similar', { text: 'cat' })).toMatch(/workspace\.embeddings.*127\.0\.0\.1/);
      expect(endpoint.requests).toEqual([]);
    } finally {
      await closed.stop();
    }
  });

  it('without its key starts nothing, and the setting is named', async () => {
    await expect(TestWorkspace.start({ embeddings: { url: endpoint.url, model: 'pets', apiKey: 'env:NOT_THERE' } })).rejects.toThrow(/workspace\.embeddings\.apiKey/);
  });
});
