import { randomUUID } from 'node:crypto';
import { answerJson, type FixedAnswer } from './provider-server.js';

/** An error as Entra ID's token endpoint words it; the description begins with the AADSTS code. */
export function refuse(status: number, error: string, code: number, text: string, more: Readonly<Record<string, unknown>> = {}): FixedAnswer {
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const description = `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: 2026-01-01 00:00:00Z`;
  return answerJson(status, { error, error_description: description, error_codes: [code], timestamp: '2026-01-01 00:00:00Z', trace_id: traceId, correlation_id: correlationId, ...more });
}
