import { readFileSync } from 'node:fs';
import { openApiFile } from '../paths.js';

/** The part of openapi.json that the API is served from, so that document and server cannot disagree. */
export interface OpenApiDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Route {
  readonly operationId: string;
  readonly method: string;
  readonly path: RegExp;
  readonly scopes: readonly string[];
}

const methods = ['get', 'post', 'patch', 'delete'];

export function readOpenApiDocument(): OpenApiDocument {
  // Our own file, beside this one; routesOf() checks what it uses.
  return JSON.parse(readFileSync(openApiFile, 'utf8')) as OpenApiDocument;
}

export function routesOf(document: OpenApiDocument): readonly Route[] {
  return Object.entries(document.paths).flatMap(([template, item]) =>
    methods.filter((method) => method in item).map((method) => describeRoute(template, method, item[method])),
  );
}

function describeRoute(template: string, method: string, operation: unknown): Route {
  // The shape that OpenAPI gives an operation; a document that breaks it stops the start.
  const { operationId, security } = operation as { operationId?: string; security?: readonly Record<string, string[]>[] };
  const scopes = security?.[0] && Object.values(security[0])[0];
  if (!operationId || !scopes) throw new Error(`openapi.json: ${method} ${template} has no operationId or security`);
  const path = new RegExp(`^${template.replace(/\{\w+\}/g, '([^/]+)')}$`);
  return { operationId, method: method.toUpperCase(), path, scopes };
}
