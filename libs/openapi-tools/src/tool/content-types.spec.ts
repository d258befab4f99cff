import { describe, expect, it } from '@jest/globals';
import { diffOperations } from '../diff/diff-documents.js';
import { ArgumentError } from '../arguments/argument.error.js';
import { bindRequest } from '../request/bind-request.js';
import { argumentsOf, checker, compileDocument } from '../../../../test/tools/compiled-document.js';
import { useWire } from '../../../../test/tools/request-on-the-wire.js';

const send = useWire();
type Content = Record<string, object>;

const thing = { $ref: '#/components/schemas/Thing' };
const schemas = { Thing: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } } } };
const compile = (content: Content, operation: object = {}, options: object = { contentTypeArgument: true }) =>
  compileDocument({ openapi: '3.1.0', components: { schemas }, paths: { '/a': { post: { requestBody: { required: true, content }, ...operation } } } }, options);
const allOf = (schema: unknown, ...types: readonly string[]): Content => Object.fromEntries(types.map((type) => [type, { schema }]));
const offered = (content: Content) => {
  const { content_type: argument } = argumentsOf(compile(content)) as { content_type?: { enum: readonly string[] } };
  return argument?.enum;
};
const contentTypeOf = (lines: readonly string[]): string | undefined => lines.find((line) => line.startsWith('content-type: '))?.slice('content-type: '.length);

const form = 'application/x-www-form-urlencoded';

describe('decision 9: the argument content_type', () => {
  it('is there only if configured, by the owner or the document', () => {
    const content = allOf(thing, 'application/json', form);
    expect(Object.keys(argumentsOf(compile(content, {}, {})))).toEqual(['name', 'tags']);
    expect(Object.keys(argumentsOf(compile(content)))).toEqual(['name', 'tags', 'content_type']);
    expect(Object.keys(argumentsOf(compile(content, { 'x-mcp': { contentTypeArgument: true } }, {})))).toEqual(['name', 'tags', 'content_type']);
    expect(Object.keys(argumentsOf(compile(content, { 'x-mcp': { contentTypeArgument: false } })))).toEqual(['name', 'tags']);
  });

  it('names the types, the chosen one first and as the default, and is not required', () => {
    const compiled = compile(allOf(thing, form, 'application/merge-patch+json', 'application/json'));
    expect(argumentsOf(compiled)['content_type']).toEqual({
      type: 'string',
      enum: ['application/json', form, 'application/merge-patch+json'],
      default: 'application/json',
      description: 'The media type that the body is sent in.',
    });
    expect(compiled.tool.inputSchema['required']).toEqual(['name']);
    expect(checker(compiled.tool.inputSchema)({ name: 'n', content_type: form })).toBe(true);
    expect(compiled.validate({ name: 'n', content_type: 'text/csv' })).toEqual({ ok: false, message: expect.stringContaining('"content_type" must be one of') });
  });

  it('sends the same arguments in each of the types', async () => {
    const compiled = compile(allOf(thing, 'application/json', 'application/vnd.acme+json; version=2', form, 'multipart/form-data'));
    const sent = async (args: object) => {
      const { headerLines, body } = await send(compiled, { name: 'a b', tags: ['x', 'y'], ...args });
      return [contentTypeOf(headerLines), body.toString()];
    };
    expect(await sent({})).toEqual(['application/json', '{"name":"a b","tags":["x","y"]}']);
    expect(await sent({ content_type: 'application/vnd.acme+json; version=2' })).toEqual(['application/vnd.acme+json; version=2', '{"name":"a b","tags":["x","y"]}']);
    expect(await sent({ content_type: form })).toEqual([form, 'name=a+b&tags=x&tags=y']);
    expect(await sent({ content_type: 'multipart/form-data' })).toEqual([expect.stringMatching(/^multipart\/form-data; boundary=/), expect.stringContaining('name="name"\r\n\r\na b\r\n')]);
  });

  it('uses the encoding that each type has for itself', async () => {
    const compiled = compile({ 'application/json': { schema: thing }, [form]: { schema: thing, encoding: { tags: { style: 'form', explode: false } } } });
    expect((await send(compiled, { name: 'n', tags: ['x', 'y'], content_type: form })).body.toString()).toBe('name=n&tags=x,y');
  });

  it.each<[string, Content, readonly string[] | undefined]>([
    ['JSON and XML', allOf(thing, 'application/json', 'application/xml'), undefined],
    ['a JSON text and an XML document', allOf({ type: 'string' }, 'application/json', 'application/xml'), undefined],
    ['a JSON text and a plain text', allOf({ type: 'string' }, 'application/json', 'text/plain'), ['application/json', 'text/plain']],
    ['texts', allOf({}, 'text/csv', 'text/plain', 'application/xml'), ['text/csv', 'text/plain', 'application/xml']],
    ['merge patch and JSON patch', { 'application/merge-patch+json': { schema: thing }, 'application/json-patch+json': { schema: { type: 'array', items: {} } } }, undefined],
    ['another schema of the same names', { 'application/json': { schema: thing }, [form]: { schema: { type: 'object', required: ['name'], properties: { name: { type: 'integer' }, tags: {} } } } }, undefined],
    ['the same schema written out', { 'application/json': { schema: thing }, [form]: { schema: schemas.Thing } }, ['application/json', form]],
    ['a file in one of them', allOf({ type: 'object', properties: { file: { type: 'string', format: 'binary' } } }, 'application/json', 'multipart/form-data'), undefined],
    ['an array in a form', allOf({ type: 'array', items: {} }, 'application/json', form), undefined],
    ['an array in two JSON types', allOf({ type: 'array', items: {} }, 'application/json', 'application/vnd.acme+json'), ['application/json', 'application/vnd.acme+json']],
    ['bytes, which name their type themselves', allOf({}, 'image/png', 'application/octet-stream'), undefined],
    ['ranges', allOf(thing, 'application/json', 'application/*', 'application/*+json', '*/*'), undefined],
    ['one type twice', allOf(thing, 'application/json', 'Application/JSON'), undefined],
    ['a type that no header can carry', allOf(thing, 'application/json', 'größe'), undefined],
    ['one type', allOf(thing, 'application/json'), undefined],
  ])('%s: offers %3$j', (_what, content, types) => {
    expect(offered(content)).toEqual(types);
  });

  it('has a key of its own: a body\'s property and a parameter keep theirs', async () => {
    const body = { type: 'object', properties: { content_type: { type: 'string' } } };
    const compiled = compile(allOf(body, 'application/json', form));
    expect(Object.keys(argumentsOf(compiled))).toEqual(['content_type', 'content_type__request']);
    const { headerLines, body: bytes } = await send(compiled, { content_type: 'c', content_type__request: form });
    expect([contentTypeOf(headerLines), bytes.toString()]).toEqual([form, 'content_type=c']);
    const parameters = [{ name: 'content_type', in: 'query', schema: {} }];
    expect(Object.keys(argumentsOf(compile(allOf(thing, 'application/json', form), { parameters })))).toEqual(['content_type', 'name', 'tags', 'content_type__request']);
  });

  it('is no member of an open body, and begins none', async () => {
    const open = { type: 'object', properties: { a: {} }, additionalProperties: true };
    const compiled = compile(allOf(open, 'application/json', form));
    expect((await send(compiled, { b: 1, content_type: 'application/json' })).body.toString()).toBe('{"b":1}');
    const optional = compile(allOf(open, 'application/json', form), { requestBody: { content: allOf(open, 'application/json', form) } });
    expect(bindRequest(optional, { content_type: form }, { baseUrl: 'http://h' }).body).toBeUndefined();
  });

  it('W22: has another default, or is hidden, as the owner says; a type that is not offered is named', async () => {
    const content = allOf(thing, 'application/json', form);
    const curated = (argument: object) => compile(content, { 'x-mcp': { arguments: { content_type: argument } } });
    expect(argumentsOf(curated({ default: form }))).toMatchObject({ content_type: { default: form } });
    expect(contentTypeOf((await send(curated({ default: form }), { name: 'n' })).headerLines)).toBe(form);
    expect(contentTypeOf((await send(curated({ default: form }), { name: 'n', content_type: 'application/json' })).headerLines)).toBe('application/json');
    const hidden = curated({ hidden: true, value: form });
    expect(Object.keys(argumentsOf(hidden))).toEqual(['name', 'tags']);
    expect((await send(hidden, { name: 'n' })).body.toString()).toBe('name=n');
    const wrong = curated({ hidden: true, value: 'text/csv' });
    expect(wrong.repairs.map(({ message }) => message)).toEqual([expect.stringContaining('"arguments.content_type.value" does not fit')]);
    expect(Object.keys(argumentsOf(wrong))).toEqual(['name', 'tags', 'content_type']);
  });

  it('is refused when a caller skips validation', () => {
    expect(() => bindRequest(compile(allOf(thing, 'application/json', form)), { name: 'n', content_type: 'x/y' }, { baseUrl: 'http://h' })).toThrow(ArgumentError);
  });

  it('L09: Swagger 2.0 `consumes`', async () => {
    const swagger = (parameters: readonly object[]) =>
      compileDocument({ swagger: '2.0', paths: { '/a': { post: { consumes: [form, 'multipart/form-data'], parameters } } } }, { contentTypeArgument: true });
    const note = { name: 'note', in: 'formData', type: 'string' };
    expect(argumentsOf(swagger([note]))).toMatchObject({ content_type: { enum: [form, 'multipart/form-data'] } });
    expect(Object.keys(argumentsOf(swagger([note, { name: 'up', in: 'formData', type: 'file' }])))).toEqual(['note', 'up']);
  });

  it('a type that is gone is a breaking change', () => {
    const [before, after] = [allOf(thing, 'application/json', form, 'multipart/form-data'), allOf(thing, 'application/json', form)].map((content) => compile(content));
    expect(diffOperations([before!], [after!]).map(({ kind }) => kind)).toContain('breaking');
  });
});
