/** Makes a document's `tools/list` with the built library, and times it. */
import { compileOperation, indexOperations, loadDocument } from '../../libs/openapi-tools/dist/index.js';

/** The largest document of the sets has 78 MB: GitHub's with every reference inlined. */
const maxBytes = 128 * 1024 * 1024;

/**
 * @param {Buffer} bytes
 * @param {{ profile?: import('../../libs/openapi-tools/dist/index.js').ClientProfile }} [options]
 * @returns what becomes of the document; `seconds` without reading and parsing it
 */
export function listTools(bytes, options = {}) {
  const document = loadDocument(bytes, { maxBytes });
  const start = performance.now();
  const { operations, report } = indexOperations(document);
  const compiled = operations.map((operation) => compileOperation(document, operation, options));
  const list = `{"tools":[${compiled.map((operation) => operation.toolJson(operation.operation.name)).join(',')}]}`;
  const seconds = (performance.now() - start) / 1000;
  return {
    list,
    seconds,
    repairs: compiled.map((operation) => [...new Set(operation.repairs.map(({ code }) => code))]),
    skipped: report.filter(({ status }) => status === 'skipped').map(({ key, reason }) => ({ key, reason: reason ?? '' })),
  };
}
