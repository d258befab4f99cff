/** Calls each operation of the wire document through a converter and compares what arrived. */
import { join } from 'node:path';
import { RecordingServer } from './recording-server.mjs';
import { StdioClient } from './stdio-client.mjs';
import { wireCases } from './wire-cases.mjs';

const file = join(import.meta.dirname, 'wire.openapi.json');
const base64 = Buffer.from('bytes').toString('base64');

/**
 * @param {import('./servers.mjs').Converter} converter @param {number} limitMs
 * @returns {Promise<{ exact: string[], wrong: string[] }>} operations
 */
export async function judgeWire(converter, limitMs) {
  const recorder = new RecordingServer();
  const baseUrl = await recorder.start();
  const client = new StdioClient(converter.start(file, baseUrl), limitMs);
  /** @type {{ exact: string[], wrong: string[] }} */
  const result = { exact: [], wrong: [] };
  try {
    await client.initialize();
    const tools = await client.listTools();
    for (const wanted of wireCases) {
      const tool = tools.find(({ name }) => plain(name) === plain(wanted.operation));
      recorder.requests.length = 0;
      if (tool !== undefined) await client.request('tools/call', { name: tool.name, arguments: argumentsFor(wanted, tool.inputSchema) }).catch(() => undefined);
      const [request] = recorder.requests;
      (request !== undefined && isExact(wanted, request) ? result.exact : result.wrong).push(wanted.operation);
    }
  } catch (error) {
    // A converter that does not take the document sends nothing right.
    return { exact: [], wrong: [`all: ${error instanceof Error ? error.message : String(error)}`] };
  } finally {
    client.close();
    recorder.stop();
  }
  return result;
}

/** Converters write tool names in their own case. @param {string} name */
const plain = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** A body goes where the tool says: `requestBody`, `body`, or its properties one by one. @param {import('./wire-cases.mjs').WireCase} wanted @param {any} schema */
function argumentsFor({ parameters = {}, body, file: fileArgument }, schema) {
  const properties = schema?.properties ?? {};
  const whole = ['requestBody', 'body'].find((name) => Object.hasOwn(properties, name));
  if (fileArgument !== undefined) {
    const place = whole !== undefined && fileArgument === 'file' ? properties[whole].properties?.file : properties[whole ?? fileArgument];
    // Who describes a file as an object is given its name and type too, all others base64 text.
    const takesObject = JSON.stringify(place ?? {}).includes('"data"');
    const value = takesObject ? { data: base64, ...(fileArgument === 'file' ? { filename: 'a.txt', mime_type: 'text/markdown' } : {}) } : base64;
    if (whole === undefined) return { [fileArgument]: value };
    return { [whole]: fileArgument === 'file' ? { file: value } : value };
  }
  if (body === undefined) return parameters;
  return whole === undefined ? { ...parameters, .../** @type {object} */ (body) } : { ...parameters, [whole]: body };
}

/** @param {import('./wire-cases.mjs').WireCase} wanted @param {RecordingServer['requests'][number]} got */
function isExact({ method, target, headers = {}, content = '' }, got) {
  const boundary = /boundary="?([^";]+)/.exec(got.headers['content-type'] ?? '')?.[1] ?? '';
  const named = (/** @type {string} */ text) => text.replaceAll('{boundary}', boundary);
  return method === got.method && target === got.target && named(content) === got.content && Object.entries(headers).every(([name, value]) => got.headers[name] === named(value));
}
