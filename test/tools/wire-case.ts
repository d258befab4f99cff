import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { JsonObject } from '@gatehouse-mcp/openapi-tools';

/** One part of a multipart body as received; `*` stands for anything. */
export interface ReceivedPart {
  readonly name: string;
  readonly filename?: string;
  readonly type?: string;
  readonly text?: string;
  readonly hex?: string;
}

/** A row of a table: a piece of a document, a call's arguments, and what a socket server must receive. */
export interface WireCase {
  readonly case: string;
  readonly version?: string;
  readonly path?: string;
  readonly method?: string;
  readonly parameters?: readonly JsonObject[];
  readonly body?: JsonObject;
  readonly consumes?: readonly string[];
  readonly servers?: readonly JsonObject[];
  readonly pathServers?: readonly JsonObject[];
  readonly rootServers?: readonly JsonObject[];
  /** Arguments by the key that the tool lists; `caller`: by name on the wire (`query id` where the place matters); `argsText`: as JSON text. */
  readonly args?: JsonObject;
  readonly caller?: JsonObject;
  readonly argsText?: string;
  /** The arguments do not fit the listed schema, but are read as JSON (openapi.md decision 20). */
  readonly coerced?: boolean;
  readonly refused?: boolean;
  readonly verb?: string;
  readonly target?: string;
  readonly targetAny?: readonly string[];
  /** By lower-case name; a value that ends with `*` is a beginning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  readonly keys?: readonly string[];
  readonly sent?: string;
  readonly sentAny?: readonly string[];
  readonly sentHex?: string;
  readonly parts?: readonly ReceivedPart[];
  readonly refusedOr?: readonly ReceivedPart[];
}

export const readTable = <Row>(name: string): readonly Row[] => load(readFileSync(join(import.meta.dirname, '../../libs/openapi-tools/src/wire-cases', `${name}.yaml`), 'utf8')) as Row[];

/** The document with the row's one operation; `origin` is where it must go. */
export function documentOf(row: WireCase, origin: string, isSwagger2: boolean): JsonObject {
  const { path = '/q', body, parameters = [], version = '3.0.4' } = row;
  const method = row.method ?? (body === undefined ? 'get' : 'post');
  const responses = { 204: { description: 'ok' } };
  const info = { title: 'Wire', version: '1' };
  if (isSwagger2) {
    const consumes = row.consumes === undefined ? {} : { consumes: row.consumes };
    return { swagger: '2.0', info, host: new URL(origin).host, basePath: '/v1', schemes: ['http'], paths: { [path]: { [method]: { operationId: 'it', parameters, ...consumes, responses } } } };
  }
  const own = (servers: readonly JsonObject[] | undefined): JsonObject => (servers === undefined ? {} : { servers: servers.map((server) => ({ ...server, url: String(server['url']).replace('ORIGIN', origin) })) });
  const operation = { operationId: 'it', parameters, ...(body === undefined ? {} : { requestBody: body }), responses, ...own(row.servers) };
  return { openapi: version, info, ...own(row.rootServers ?? [{ url: 'ORIGIN' }]), paths: { [path]: { ...own(row.pathServers), [method]: operation } } };
}
