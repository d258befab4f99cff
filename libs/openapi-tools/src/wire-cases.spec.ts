import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { request } from 'undici';
import { ArgumentError } from './arguments/argument.error.js';
import { loadDocument } from './document/load-document.js';
import { ownObject, parseArguments, type JsonObject } from './json.js';
import { indexOperations } from './operation/index-operations.js';
import { bindRequest } from './request/bind-request.js';
import { compileOperation, type CompiledOperation } from './tool/compile-operation.js';
import { SocketServer, type Received } from '../../../test/tools/socket-server.js';
import { documentOf, readTable, type WireCase } from '../../../test/tools/wire-case.js';
import { differencesOf } from '../../../test/tools/wire-difference.js';

/**
 * The expectations were written from the specifications before this library's code was looked at: OAS 3.0.4, 3.1.1, 3.2.0, RFC 6570,
 * 3986, 6265, 7578, 9110. Arguments are those of a caller that knows nothing but the listed schema.
 */
let server: SocketServer;
beforeAll(async () => {
  server = await SocketServer.start();
});
afterAll(() => server.stop());

const listed = (compiled: CompiledOperation): JsonObject => ownObject(compiled.tool.inputSchema, 'properties') ?? {};

describe.each(['path', 'query', 'header-cookie', 'body', 'multipart', 'swagger2', 'server'])('the bytes that a socket server receives: %s', (table) => {
  it.each(readTable<WireCase>(table))('$case', async (row) => {
    const document = loadDocument(JSON.stringify(documentOf(row, server.origin, table === 'swagger2')));
    const [operation] = indexOperations(document).operations;
    if (operation === undefined) throw new Error('the operation is not listed');
    const compiled = compileOperation(document, operation);
    const args = argumentsOf(row, compiled);
    const keys = Object.keys(listed(compiled));
    expect(row.keys === undefined ? Object.keys(args).filter((key) => !keys.includes(key)) : keys).toEqual(row.keys ?? []);
    const isPlain = row.refused !== true && row.coerced !== true && row.argsText === undefined;
    expect(isPlain ? misfitsOf(compiled, args) : []).toEqual([]);
    const sent = await send(compiled, args);
    expect(outcomeOf(row, sent)).toEqual([]);
  });
});

/** Nothing when the row's promise is kept: refused before a socket opens, or received as it says. */
function outcomeOf(row: WireCase, sent: Received | ArgumentError): readonly string[] {
  if (sent instanceof ArgumentError) return row.refused === true || row.refusedOr !== undefined ? [] : [sent.message];
  return [...(row.refused === true ? ['it was sent'] : []), ...differencesOf(row, sent)];
}

function argumentsOf(row: WireCase, { binding }: CompiledOperation): JsonObject {
  if (row.argsText !== undefined) return parseArguments(row.argsText) as JsonObject;
  if (row.caller === undefined) return row.args ?? {};
  const places = [...binding.parameters, ...(binding.body?.kind === 'properties' ? binding.body.properties : [])];
  return Object.fromEntries(
    Object.entries(row.caller).map(([name, value]) => [places.find((place) => place.name === name || `${place.location} ${place.name}` === name)?.key ?? name, value]),
  );
}

function misfitsOf(compiled: CompiledOperation, args: JsonObject): readonly unknown[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return ajv.validate(compiled.tool.inputSchema, args) ? [] : (ajv.errors ?? []);
}

async function send(compiled: CompiledOperation, args: JsonObject): Promise<Received | ArgumentError> {
  const checked = compiled.validate(args);
  if (!checked.ok) return new ArgumentError(checked.message);
  try {
    const { url, method, headers, body } = bindRequest(compiled, checked.args);
    // undici's type lists the methods it knows; it sends any token.
    const answer = await request(url, { method: method as 'GET', headers: Object.fromEntries(headers), ...(body === undefined ? {} : { body: body instanceof Uint8Array ? Buffer.from(body) : body }) });
    await answer.body.dump();
    return server.last;
  } catch (error) {
    if (error instanceof ArgumentError) return error;
    throw error;
  }
}
