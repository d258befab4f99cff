import { compileOperation, type CompileOptions } from './compile-operation.js';
import type { OperationIndex, OperationReport } from '../operation/index-operations.js';
import type { ApiDocument } from '../document/load-document.js';

/** The import report: compiles every listed operation and names each one's repairs, skipped ones with their reason. */
export function describeOperations(document: ApiDocument, index: OperationIndex, options: CompileOptions = {}): readonly OperationReport[] {
  const compiled = index.operations.map((operation): OperationReport => {
    const { repairs } = compileOperation(document, operation, options);
    return { key: operation.key, name: operation.name, status: repairs.length === 0 ? 'ok' : 'degraded', repairs };
  });
  return [...compiled, ...index.report.filter(({ status }) => status === 'skipped')];
}
