import { isObject, type JsonObject, type JsonValue } from '../json.js';
import { DocumentError } from './document.error.js';
import { parseYaml } from './yaml-text.js';

/** Text of a document: UTF-8, or UTF-16 with a byte order mark, which is left out. */
export function decodeDocument(text: string | Uint8Array): string {
  if (typeof text === 'string') return text.replace(/^\uFEFF/, '');
  const [first, second] = text;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(text);
}

/** Reads JSON or YAML text whose root is an object. Throws DocumentError, whose message says what is wrong and where. */
export function parseDocument(text: string): JsonObject {
  const start = /\S/.exec(text)?.index;
  if (start === undefined) throw new DocumentError('empty', 'The document is empty.');
  if (text[start] === '<') {
    const kind = /^<(!doctype\s+html|html|head|body)\b/i.test(text.slice(start, start + 40)) ? 'an HTML page' : 'XML or HTML';
    throw new DocumentError('not_a_document', `This is ${kind}, not an OpenAPI document; is the address the one of the JSON or YAML file?`);
  }
  const root = text[start] === '{' || text[start] === '[' ? parseJsonOrFlow(text) : parseYaml(text);
  if (!isObject(root)) {
    throw new DocumentError('not_an_object', `The document is ${describeRoot(root)}, not an object with an "openapi" field.`);
  }
  return root;
}

/** What looks like JSON may be YAML's flow style (comments, trailing commas); JSON's own error is the one to report. */
function parseJsonOrFlow(text: string): unknown {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch (jsonError) {
    if (!(jsonError instanceof SyntaxError)) throw jsonError;
    try {
      return parseYaml(text);
    } catch (error) {
      if (!(error instanceof DocumentError) || error.code !== 'syntax') throw error;
      const { line, column } = locate(text, jsonError.message);
      throw new DocumentError('syntax', `The document is not valid JSON (line ${line}, column ${column}).`, { cause: jsonError });
    }
  }
}

function locate(text: string, message: string): { line: number; column: number } {
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function describeRoot(root: unknown): string {
  if (Array.isArray(root)) return 'an array';
  return root === null || root === undefined ? 'empty' : `a single ${typeof root}`;
}
