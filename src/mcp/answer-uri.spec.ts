import { parseArguments, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import { describe, expect, it } from '@jest/globals';
import { readAnswerUri, writeAnswerUri } from './answer-uri.js';

const encode = (text: string | Buffer) => `gatehouse://answers/items_list/${Buffer.from(text).toString('base64url')}`;

describe('the address of an answer', () => {
  it.each([
    '{}',
    '{"id":"a 1/../%2e","ids":[1,2,{"x":null}]}',
    '{"id":90071992547409931234,"n":-9007199254740993,"x":1e25,"y":0.1,"z":123456789012345678901}',
    '{"q":"Größe 漢字 😀 \\ud800 \\u0000"}',
    '{"__proto__":{"a":1},"constructor":"x","1":2,"0":1}',
  ])('has the arguments as they were: %s', (text) => {
    const args = parseArguments(text) as JsonObject;
    const uri = writeAnswerUri({ tool: 'items_list', arguments: args });
    expect(uri).toMatch(/^gatehouse:\/\/answers\/items_list\/[A-Za-z0-9_-]+$/);
    expect(readAnswerUri(uri ?? '')).toEqual({ tool: 'items_list', arguments: args });
  });

  it('is none for arguments that are too long for a header', () => {
    expect(writeAnswerUri({ tool: 'items_list', arguments: { q: 'x'.repeat(3_000) } })?.length).toBeLessThan(4_097);
    expect(writeAnswerUri({ tool: 'items_list', arguments: { q: 'x'.repeat(3_100) } })).toBeUndefined();
    expect(readAnswerUri(encode(`{"q":"${'x'.repeat(3_100)}"}`))).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['another scheme', encode('{}').replace('gatehouse', 'https')],
    ['another spelling of the scheme', encode('{}').replace('gatehouse', 'GATEHOUSE')],
    ['another authority', encode('{}').replace('answers', 'evil@answers')],
    ['no arguments', 'gatehouse://answers/items_list/'],
    ['a path more', `${encode('{}')}/x`],
    ['a query', `${encode('{}')}?a=1`],
    ['a fragment', `${encode('{}')}#a`],
    ['a line more', `${encode('{}')}\n`],
    ['a percent-encoded tool', encode('{}').replace('items_', 'items%5f')],
    ['a climbing tool', encode('{}').replace('items_list', '..')],
    ['padding', `${encode('{"a":1}')}=`],
    ['standard base64', 'gatehouse://answers/items_list/eyJhIjoiPz8/In0'],
    ['bits behind the end', 'gatehouse://answers/items_list/e31'],
    ['what is no UTF-8', encode(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ['what is no JSON', encode('{')],
    ['an array', encode('[]')],
    ['a text', encode('"x"')],
    ['null', encode('null')],
    ['a key twice', encode('{"id":"1","id":"2"}')],
    ['the same in another spelling', encode('{"id": "1"}')],
    ['a number that loses digits', encode('{"id":1.00000000000000000001}')],
    ['what is too deep', encode(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`)],
  ])('is not %s', (_, uri) => {
    expect(readAnswerUri(uri)).toBeUndefined();
  });
});
