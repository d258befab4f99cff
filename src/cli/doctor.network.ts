import { createEgressAgent, inspectConnection, inspectPeer, type Egress, type EgressAgent, type HttpProxy, type PeerInspection } from '@gatehouse-mcp/egress';
import { createIssuerFetch, describeFailure, discoverIssuer } from '@gatehouse-mcp/oauth';
import { request } from 'undici';
import type { Step } from '../auth/doctor/step.js';
import { importApi } from '../catalog/catalog.js';
import { prepareDocuments } from '../catalog/prepare-documents.js';
import { ConfigurationError } from '../config/configuration.error.js';
import type { ApiSettings, LiveSettings } from '../config/configuration.schema.js';
import { configuredEndpoints, peerOf, type ConfiguredEndpoint } from '../config/egress.endpoints.js';
import { canonicalIssuer } from '../config/provider-identity.js';
import { remedyForAnswer, remedyForCertificate, remedyForConnection, remedyForHandshake, remedyForLookup, remedyForRefusedPeer, type PeerPlace } from './network.remedies.js';

/** Milliseconds of one step. */
const STEP_MS = 5_000;
/** Milliseconds after which no other address is looked at. */
const WHOLE_MS = 60_000;
/** Addresses that are looked at together. */
const AT_ONCE = 8;
/** Days before its end in which a certificate is worth a note. */
const SHORT_LIFE_DAYS = 14;

export interface NetworkDiagnosis {
  readonly settings: LiveSettings;
  readonly egress: Egress;
  /** That `file:` references are relative to. */
  readonly folder: string;
  /** Whether the exemptions come from the variable and not from the file. */
  readonly isNoProxyOfEnvironment: boolean;
}

/** Goes the way to every address that the configuration needs, sends no credential, and says at which step it ends and what to change. */
export async function diagnoseNetwork(input: NetworkDiagnosis): Promise<readonly Step[]> {
  const { settings, egress } = input;
  const agent = createEgressAgent(() => egress, { connectTimeout: STEP_MS });
  const end = performance.now() + WHOLE_MS;
  try {
    const { proxy } = egress.rules;
    const proxySteps = proxy ? [await askProxy(proxy)] : [];
    const isOver = (): boolean => performance.now() > end;
    const discovered = await inTurn(Object.entries(settings.providers), async ([id, provider]) => (isOver() ? [] : discoveredEndpoints(id, canonicalIssuer(provider), agent)));
    const servers = await inTurn([...settings.apis.entries()], async ([index, api]) => (isOver() ? [] : serverOfDocument(index, api, input)));
    const endpoints = distinct([...configuredEndpoints(settings), ...discovered.flat(), ...servers.flat()]);
    const steps = await inTurn(endpoints, async (endpoint) => (isOver() ? [outOfTime(endpoint)] : lookAt(endpoint, input, agent)));
    return [...proxySteps, ...steps.flat()];
  } finally {
    await agent.destroy();
  }
}

async function askProxy(proxy: HttpProxy): Promise<Step> {
  const fault = await inspectConnection(proxy.host, proxy.port, STEP_MS);
  const found = `${proxy.name}${proxy.hasCredentials ? ', with credentials' : ''}`;
  return fault === undefined ? { name: 'egress.proxy', result: 'ok', found } : { name: 'egress.proxy', result: 'problem', found: `${found}: ${fault}`, remedy: 'compare host and port of egress.proxy; a firewall may be between' };
}

/** What a provider's metadata names; when they cannot be read, the step of the issuer says why. */
async function discoveredEndpoints(id: string, issuer: string | undefined, agent: EgressAgent): Promise<readonly ConfiguredEndpoint[]> {
  if (issuer === undefined || !URL.canParse(issuer)) return [];
  const found = await discoverIssuer(issuer, createIssuerFetch(agent, STEP_MS)).catch(() => undefined);
  const places = { jwks_uri: found?.jwksUri, token_endpoint: found?.tokenEndpoint, introspection_endpoint: found?.introspectionEndpoint };
  return Object.entries(places).flatMap(([name, url]) => (url === undefined ? [] : [{ setting: `providers.${id} (${name} of its metadata)`, url, tenant: undefined }]));
}

/** The server that only the document names. */
async function serverOfDocument(index: number, api: ApiSettings, { settings, egress, folder }: NetworkDiagnosis): Promise<readonly ConfiguredEndpoint[]> {
  if (api.baseUrl !== undefined) return [];
  const [document] = await prepareDocuments({ ...settings, apis: [api] }, folder, egress).catch((error: unknown) => {
    // The step of the document's address says why.
    if (error instanceof ConfigurationError) return [];
    throw error;
  });
  const base = document && importApi(api, document.source, document.overlays).entries[0]?.compiled.serverBase(undefined);
  return base === undefined ? [] : [{ setting: `apis[${index}] (server of its document)`, url: base.origin, tenant: api.tenant }];
}

async function lookAt({ setting, url, tenant }: ConfiguredEndpoint, { egress, isNoProxyOfEnvironment }: NetworkDiagnosis, agent: EgressAgent): Promise<readonly Step[]> {
  const target = new URL(url);
  const place: PeerPlace = { setting, tenant, ...peerOf(target) };
  const rules = egress.rulesOf(tenant);
  const seen = await inspectPeer(rules, { ...place, isTls: target.protocol === 'https:' }, STEP_MS);
  const address: Step = { name: setting, result: 'ok', found: tenant === undefined ? url : `${url}, for tenant ${tenant}` };
  const steps = [address, ...judgeSteps(place, seen, isNoProxyOfEnvironment)];
  if (steps.some(({ result }) => result === 'problem')) return steps;
  if (rules.tls.provesItselfTo(place.host, place.port)) steps.push({ name: `${setting} certificate`, result: 'ok', found: 'a client certificate is shown to this host if it asks (egress.clientCertificates)' });
  return [...steps, await askHttp(place, target, tenant === undefined ? agent : agent.forTenant(tenant))];
}

/** From what was seen to steps, up to the first that fails. */
function judgeSteps(place: PeerPlace, seen: PeerInspection, isNoProxyOfEnvironment: boolean): Step[] {
  const { addresses, lookupFault, way, judgement, connected, connectFault, tls, tlsFault } = seen;
  const named = (step: string): string => `${place.setting} ${step}`;
  const steps: Step[] = [];
  if (lookupFault === undefined) steps.push({ name: named('dns'), result: 'ok', found: addresses.join(', ') });
  else if (way.proxy) steps.push({ name: named('dns'), result: 'note', found: `${lookupFault} here; the proxy looks the name up` });
  else return [{ name: named('dns'), result: 'problem', found: lookupFault, remedy: remedyForLookup(place) }];
  if (!judgement?.isAllowed) return [...steps, { name: named('policy'), result: 'problem', found: `refused: ${judgement?.by ?? 'it has no address'}`, remedy: remedyForRefusedPeer(place, seen) }];
  steps.push({ name: named('policy'), result: 'ok', found: `allowed: ${judgement.by}` });
  const exemptions = isNoProxyOfEnvironment ? 'the variable NO_PROXY' : 'egress.noProxy';
  const directly = !way.proxy && way.exemption !== undefined ? `directly, by "${way.exemption}" in ${exemptions}` : 'directly: there is no proxy';
  steps.push({ name: named('way'), result: 'ok', found: way.proxy ? `through the proxy ${way.proxy.name}: nothing in ${exemptions} names the host` : directly });
  if (connectFault || connected === undefined) return [...steps, { name: named('connection'), result: 'problem', found: connectFault?.reason ?? 'none', remedy: remedyForConnection(place, seen) }];
  steps.push({ name: named('connection'), result: 'ok', found: `${connected} ms` });
  if (tlsFault !== undefined) return [...steps, { name: named('tls'), result: 'problem', found: tlsFault, remedy: remedyForHandshake(place) }];
  if (!tls) return steps;
  const certificate = `${tls.protocol}, ${tls.subject}, issued by ${tls.issuer}, ${tls.daysLeft} days left`;
  if (tls.fault !== undefined) return [...steps, { name: named('tls'), result: 'problem', found: `${certificate}: ${tls.fault}`, remedy: remedyForCertificate(tls.fault, place, tls.issuer) }];
  const isShort = tls.daysLeft < SHORT_LIFE_DAYS;
  const found = `${certificate}, trusted by ${tls.authority === undefined ? "the system's authorities" : `egress.ca (${tls.authority})`}`;
  return [...steps, isShort ? { name: named('tls'), result: 'note', found, remedy: 'the certificate ends soon' } : { name: named('tls'), result: 'ok', found }];
}

/** Any answer shows that the way is open; what it says of a request without credentials is no fault. */
async function askHttp(place: PeerPlace, url: URL, dispatcher: Parameters<typeof createIssuerFetch>[0]): Promise<Step> {
  const name = `${place.setting} http`;
  const ask = async (method: 'HEAD' | 'GET'): Promise<number> => {
    const { statusCode, body } = await request(url, { dispatcher, method, signal: AbortSignal.timeout(STEP_MS) });
    body.on('error', () => undefined).destroy();
    return statusCode;
  };
  try {
    const head = await ask('HEAD');
    const status = head === 405 || head === 501 ? await ask('GET') : head;
    if (status >= 500) return { name, result: 'note', found: `${status}`, remedy: 'it can be reached, and is not well' };
    if (status >= 300 && status < 400) return { name, result: 'note', found: `${status}, a redirect`, remedy: `redirects are not followed: ${place.setting} may have to be the address itself` };
    return { name, result: 'ok', found: `${status} without credentials` };
  } catch (error) {
    return { name, result: 'problem', found: describeFailure(error), remedy: remedyForAnswer(place) };
  }
}

function outOfTime({ setting, url }: ConfiguredEndpoint): Step {
  return { name: setting, result: 'problem', found: `${url} was not looked at: ${WHOLE_MS / 1_000} s were over`, remedy: 'mend what took so long, and run this again' };
}

/** The same address for the same tenant is looked at once, under all of its settings. */
function distinct(endpoints: readonly ConfiguredEndpoint[]): readonly ConfiguredEndpoint[] {
  const byAddress = new Map<string, ConfiguredEndpoint>();
  for (const endpoint of endpoints) {
    const key = `${endpoint.tenant ?? ''} ${endpoint.url}`;
    const known = byAddress.get(key);
    byAddress.set(key, known ? { ...known, setting: `${known.setting}, ${endpoint.setting}` } : endpoint);
  }
  return [...byAddress.values()];
}

/** Results in order, some at once. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return results;
}
