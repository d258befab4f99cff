/**
 * What calls of wire.openapi.json must look like, by hand from the OpenAPI Specification (3.0.4 and 3.2, style examples and Appendix C: `|`,
 * brackets and spaces are percent-encoded) and RFC 6570, 6265, 7578. `{boundary}` stands for the one that was chosen.
 *
 * @typedef {{ operation: string, parameters?: Record<string, unknown>, body?: unknown, file?: string, method: string, target: string, headers?: Record<string, string>, content?: string }} WireCase
 * @type {WireCase[]}
 */
export const wireCases = [
  { operation: 'opLabel', parameters: { color: ['blue', 'black'] }, method: 'GET', target: '/label/.blue.black' },
  { operation: 'opMatrix', parameters: { color: ['blue', 'black'] }, method: 'GET', target: '/matrix/;color=blue;color=black' },
  { operation: 'opSimple', parameters: { color: { R: 100, G: 200 } }, method: 'GET', target: '/simple/R,100,G,200' },
  { operation: 'opSegment', parameters: { id: 'a/b?c' }, method: 'GET', target: '/segment/a%2Fb%3Fc' },
  { operation: 'opSpace', parameters: { color: ['blue', 'black'] }, method: 'GET', target: '/space?color=blue%20black' },
  { operation: 'opPipe', parameters: { color: ['blue', 'black'] }, method: 'GET', target: '/pipe?color=blue%7Cblack' },
  { operation: 'opDeep', parameters: { filter: { status: 'open', age: 3 } }, method: 'GET', target: '/deep?filter%5Bstatus%5D=open&filter%5Bage%5D=3' },
  { operation: 'opComma', parameters: { ids: ['a', 'b'] }, method: 'GET', target: '/comma?ids=a,b' },
  { operation: 'opSpread', parameters: { color: { R: 100, G: 200 } }, method: 'GET', target: '/spread?R=100&G=200' },
  { operation: 'opRepeat', parameters: { tag: ['a', 'b'] }, method: 'GET', target: '/repeat?tag=a&tag=b' },
  { operation: 'opWhere', parameters: { where: { a: 1 } }, method: 'GET', target: '/where?where=%7B%22a%22%3A1%7D' },
  { operation: 'opReserved', parameters: { url: 'https://a.example/x' }, method: 'GET', target: '/reserved?url=https://a.example/x' },
  { operation: 'opUtf8', parameters: { q: 'a b&cé+1' }, method: 'GET', target: '/utf8?q=a%20b%26c%C3%A9%2B1' },
  { operation: 'opHeader', parameters: { 'X-Ids': ['1', '2'] }, method: 'GET', target: '/header', headers: { 'x-ids': '1,2' } },
  { operation: 'opHeaderObject', parameters: { 'X-Color': { R: 100, G: 200 } }, method: 'GET', target: '/header-object', headers: { 'x-color': 'R,100,G,200' } },
  { operation: 'opCookie', parameters: { ids: ['1', '2'] }, method: 'GET', target: '/cookie', headers: { cookie: 'ids=1,2' } },
  {
    operation: 'opForm',
    body: { meta: { a: 1, b: 'x' }, list: ['1', '2'], name: 'n m' },
    method: 'POST',
    target: '/form',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    content: 'meta%5Ba%5D=1&meta%5Bb%5D=x&list=1&list=2&name=n+m',
  },
  { operation: 'opFormComma', body: { ids: ['1', '2'] }, method: 'POST', target: '/form-comma', headers: { 'content-type': 'application/x-www-form-urlencoded' }, content: 'ids=1,2' },
  {
    operation: 'opMultipart',
    body: { title: 'T', meta: { a: 1 } },
    method: 'POST',
    target: '/multipart',
    headers: { 'content-type': 'multipart/form-data; boundary={boundary}' },
    content:
      '--{boundary}\r\nContent-Disposition: form-data; name="title"\r\n\r\nT\r\n--{boundary}\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n--{boundary}--\r\n',
  },
  {
    operation: 'opUpload',
    file: 'file',
    method: 'POST',
    target: '/upload',
    headers: { 'content-type': 'multipart/form-data; boundary={boundary}' },
    content: '--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/markdown\r\n\r\nbytes\r\n--{boundary}--\r\n',
  },
  { operation: 'opBinary', file: 'body', method: 'PUT', target: '/binary', headers: { 'content-type': 'application/octet-stream' }, content: 'bytes' },
  { operation: 'opText', body: 'hello', method: 'POST', target: '/text', headers: { 'content-type': 'text/plain' }, content: 'hello' },
  { operation: 'opMerge', body: { old: null, new: 'x' }, method: 'PATCH', target: '/merge', headers: { 'content-type': 'application/merge-patch+json' }, content: '{"old":null,"new":"x"}' },
  { operation: 'opArray', body: [1, 2], method: 'POST', target: '/array', headers: { 'content-type': 'application/json' }, content: '[1,2]' },
  { operation: 'opServer', method: 'GET', target: '/v2/other' },
];
