import { argumentModes, compileProjection, ProjectionError, readOperationOverride, type OperationOverride } from '@gatehouse-mcp/openapi-tools';
import { z } from 'zod';

/** Values of `apis` that say which operations become tools, and how. */

/** `file:PATH`, an http(s) URL, or the text of the document itself (it has several lines, or is JSON). */
export const documentSource = z
  .string()
  .refine((value) => /^(?:file:.+|https?:\/\/\S+)$/.test(value) || isDocumentText(value), 'must be file:PATH, an http(s) URL, or the text of an OpenAPI document');

export function isDocumentText(value: string): boolean {
  return value.includes('\n') || value.trimStart().startsWith('{');
}

const names = z.array(z.string().min(1)).min(1);

/** Which operations of the document become tools; all lists together. */
export const operationFilter = z.strictObject({
  tags: names.optional(),
  excludeTags: names.optional(),
  /** Globs: `*` within a segment, `**` across; `{id}` stands for itself. */
  paths: z.array(z.string().startsWith('/', 'must start with "/"')).min(1).optional(),
  methods: z.array(z.string().regex(/^[A-Za-z-]+$/, 'must be an HTTP method')).min(1).optional(),
  operationIds: names.optional(),
  /** false leaves out what the document calls deprecated. */
  deprecated: z.boolean().optional(),
});

/** How the arguments of an API's tools are laid out, unless an override says something else of an operation. */
export const argumentMode = z.enum(argumentModes);

/** Checked by the library that reads the same shape from a document's `x-mcp`. */
export const operationOverride = z.custom<OperationOverride>().superRefine((value, context) => {
  const report = (message: string) => context.addIssue({ code: 'custom', message });
  const { override, problems } = readOperationOverride(value);
  problems.forEach(report);
  const projection = override.response?.projection;
  if (projection === undefined) return;
  try {
    compileProjection(projection);
  } catch (error) {
    if (!(error instanceof ProjectionError)) throw error;
    report(`response.projection: ${error.message}`);
  }
});
