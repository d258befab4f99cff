import { describe, expect, it } from '@jest/globals';
import { judgeAnswer } from './server-answer.js';

const judge = (status: number, text: string, type?: string, id = '1') => judgeAnswer({ id }, status, type, text);

describe('the answer of a server', () => {
  it('passes as it came, in one line', () => {
    expect(judge(200, '{"jsonrpc":"2.0",\n "id":1,\r\n "result":{"n":9007199254740993.10}}')).toEqual({ line: '{"jsonrpc":"2.0",  "id":1,  "result":{"n":9007199254740993.10}}' });
    expect(judge(400, '{"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"m"}}')).toHaveProperty('line');
  });

  it('that is about no request becomes that of the request', () => {
    expect(judge(400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m"}}', undefined, '"a"')).toEqual({ line: '{"jsonrpc":"2.0","id":"a","error":{"code":-32700,"message":"m"}}' });
  });

  it.each([
    [429, '{"error":"rate_limited","error_description":"slow\\ndown"}', 'application/json', 'the server answered 429: slow down'],
    [404, '<html>', 'text/html', 'the server answered 404 with text/html, which is no MCP'],
    [200, '[]', 'application/json', 'the server answered 200 with application/json, which is no MCP'],
    [200, '{"hello":1}', 'application/json', 'which is no MCP'],
    [502, '', undefined, 'the server answered 502 with no content'],
    [202, '', undefined, 'took the request and gave no answer'],
  ])('%i %s is a problem that says what came', (status, text, type, problem) => {
    expect(judge(status, text, type)).toEqual({ problem: expect.stringContaining(problem) });
  });
});
