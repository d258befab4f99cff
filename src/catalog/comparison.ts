import type { OperationReport } from '@gatehouse-mcp/openapi-tools';
import type { ApiSettings } from '../config/configuration.schema.js';
import type { ApiSource } from './api.source.js';
import { judgeChanges, type Judgement } from './approval.js';
import { importApi } from './catalog.js';

/** A document that was read and the one in force, if there is one. Plain data, so that another thread can be given it. */
export interface ComparisonInput {
  readonly settings: ApiSettings;
  readonly overlays: readonly string[];
  readonly before?: ApiSource;
  readonly after: ApiSource;
}

/** What a document changes, and its import report. */
export interface Comparison extends Judgement {
  readonly report: readonly OperationReport[];
}

/** Loads both documents, compiles all their operations and compares them. @throws DocumentError */
export function compareSources({ settings, overlays, before, after }: ComparisonInput): Comparison {
  const imported = importApi(settings, after, overlays);
  const { report } = imported;
  if (before === undefined) return { report, changes: [], mustWait: false };
  return { report, ...judgeChanges(settings.approval, importApi(settings, before, overlays), imported) };
}
