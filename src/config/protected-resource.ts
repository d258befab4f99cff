/** Names and places of the protected resources: one for each MCP path (RFC 9728 §3.1: the path is inserted after the well-known part). */

/** Metadata documents, which any page may read. */
export const PUBLIC_DOCUMENTS = '/.well-known/';

export const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** `/mcp`, or `/t/<tenant>/mcp` for a tenant's own door; behind either, `/sets/<name>` for a toolset. */
export function mcpPath(tenant: string | undefined, toolset?: string): string {
  const path = tenant === undefined ? '/mcp' : `/t/${tenant}/mcp`;
  return toolset === undefined ? path : `${path}/sets/${toolset}`;
}

/** The door of HTTP+SSE (2024-11-05). */
export function ssePath(tenant: string | undefined): string {
  return tenant === undefined ? '/sse' : `/t/${tenant}/sse`;
}

/** @param path of the resource */
export function metadataUrl(publicUrl: string, path: string): string {
  return `${publicUrl}${WELL_KNOWN}${path}`;
}

/** The path of the resource that a request is for: what its token must be for. Untrusted like {@link pathTenant}. */
export function resourcePath(request: RoutedRequest): string {
  const tenant = pathTenant(request);
  return /\/(?:sse|messages)$/.test(request.routeOptions.url ?? '') ? ssePath(tenant) : mcpPath(tenant, pathToolset(request));
}

interface RoutedRequest {
  readonly params: unknown;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** The tenant whose door a request's path names; undefined for `/mcp`. Untrusted: it only selects which audience is right. */
export function pathTenant({ params }: { readonly params: unknown }): string | undefined {
  return typeof params === 'object' && params !== null && 'tenant' in params ? String(params.tenant) : undefined;
}

/** The toolset that a request's path names. Untrusted like {@link pathTenant}. */
export function pathToolset({ params }: { readonly params: unknown }): string | undefined {
  return typeof params === 'object' && params !== null && 'toolset' in params ? String(params.toolset) : undefined;
}
