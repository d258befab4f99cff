import { answerJson, readJson, type FixedAnswer, type ProviderRequest } from './provider-server.js';

/** How Graph refuses: the app has no application permission, or asks too often. */
export type GraphRefusal = 'denied' | 'throttled';

const MEMBERSHIP_LIMIT = 11_000;

/** The part of Microsoft Graph v1.0 that tells a user's groups. Users are known by tenant and object id. */
export class FakeGraph {
  /** Every call is refused this way while it is set. */
  refusal: GraphRefusal | undefined;
  /** Groups on one page of `transitiveMemberOf` where the caller does not say (`$top`). */
  pageSize = 100;
  /** Members as `transitiveMemberOf` lists them that are no groups: directory roles, always listed first. */
  readonly directoryRoles: string[] = [];
  readonly #groups = new Map<string, readonly string[]>();

  /** Makes the user known, with the object ids of all groups it is in, nested ones too. */
  setGroups(tenant: string, user: string, groups: readonly string[]): void {
    this.#groups.set(`${tenant}/${user}`, groups);
  }

  /**
   * @param tenant of the app's own token; undefined when the token is none of Graph's
   * @param url Graph's own, for `@odata.nextLink`
   */
  answer(request: ProviderRequest, tenant: string | undefined, url: string): FixedAnswer {
    if (tenant === undefined) return refuse(401, 'InvalidAuthenticationToken', 'Access token validation failure. Invalid audience.');
    if (this.refusal === 'denied') return refuse(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
    if (this.refusal === 'throttled') return refuse(429, 'TooManyRequests', 'Too Many Requests', { 'retry-after': '10' });
    const [, user = '', action = ''] = /^\/v1\.0\/users\/([^/]+)\/(getMemberObjects|transitiveMemberOf(?:\/microsoft\.graph\.group)?)$/.exec(request.path) ?? [];
    const groups = this.#groups.get(`${tenant}/${user}`);
    if (!groups) return refuse(404, 'Request_ResourceNotFound', `Resource '${user}' does not exist or one of its queried reference-property objects are not present.`);
    if (action === 'getMemberObjects') return request.method === 'POST' ? this.#list(request, groups, url) : refuse(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
    return this.#page(request, action === 'transitiveMemberOf' ? [...this.directoryRoles.map(describeRole), ...groups.map(describeGroup)] : groups.map(describeGroup), url);
  }

  /** All at once, ids only; too many are an error, not a page. */
  #list(request: ProviderRequest, groups: readonly string[], url: string): FixedAnswer {
    const securityEnabledOnly = readJson(request)?.['securityEnabledOnly'];
    if (typeof securityEnabledOnly !== 'boolean') return refuse(400, 'Request_BadRequest', "The parameter 'securityEnabledOnly' is missing.");
    const ids = securityEnabledOnly ? groups : [...this.directoryRoles, ...groups];
    if (ids.length > MEMBERSHIP_LIMIT) return refuse(400, 'Directory_ResultSizeLimitExceeded', 'The specified search criteria or result set exceeded the maximum.');
    return answerJson(200, { '@odata.context': `${url}/v1.0/$metadata#Collection(Edm.String)`, value: ids });
  }

  #page({ path, query }: ProviderRequest, members: readonly object[], url: string): FixedAnswer {
    const top = Math.min(Number(query.get('$top') ?? this.pageSize), 999);
    const start = Number(query.get('$skiptoken') ?? 0);
    const next = new URLSearchParams(query);
    next.set('$skiptoken', String(start + top));
    return answerJson(200, {
      '@odata.context': `${url}/v1.0/$metadata#directoryObjects`,
      ...(start + top < members.length ? { '@odata.nextLink': `${url}${path}?${next}` } : {}),
      value: members.slice(start, start + top),
    });
  }
}

const describeGroup = (id: string) => ({ '@odata.type': '#microsoft.graph.group', id, displayName: `Group ${id.slice(0, 8)}`, securityEnabled: true });
const describeRole = (id: string) => ({ '@odata.type': '#microsoft.graph.directoryRole', id, displayName: 'Directory Readers' });

function refuse(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): FixedAnswer {
  return answerJson(status, { error: { code, message, innerError: { date: '2026-01-01T00:00:00', 'request-id': 'fake', 'client-request-id': 'fake' } } }, headers);
}
