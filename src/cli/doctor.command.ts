import { parseArgs } from 'node:util';
import type { Egress } from '@gatehouse-mcp/egress';
import { diagnoseProvider } from '../auth/doctor/diagnose-provider.js';
import { diagnoseToken } from '../auth/doctor/diagnose-token.js';
import { describeSteps, type Step } from '../auth/doctor/step.js';
import { SignIn } from '../auth/sign-in.js';
import { importApi } from '../catalog/catalog.js';
import type { OpenapiEntry } from '../catalog/entry.js';
import { prepareDocuments } from '../catalog/prepare-documents.js';
import { loadConfiguration, type LoadedConfiguration } from '../config/configuration.file.js';
import type { ApiSettings, LiveSettings } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { readEgress } from '../config/live-egress.js';
import { mcpPath } from '../config/protected-resource.js';
import { SecretReader } from '../config/secret-reference.js';
import { heldScopes } from '../policy/policy.js';
import { CommandError } from './command.error.js';
import { chooseConfiguration } from './configured.command.js';
import { diagnoseExchange } from './doctor.exchange.js';
import { diagnoseNetwork } from './doctor.network.js';
import { withStrategyParts } from './strategies.check.js';
import { UsageError } from './usage.error.js';

const options = { config: { type: 'string', short: 'c' }, json: { type: 'boolean' }, tenant: { type: 'string' }, api: { type: 'string' }, 'token-stdin': { type: 'boolean' } } as const;

/**
 * `doctor auth --token-stdin`: why a token would be refused. `doctor provider NAME`: whether a provider can be asked what sign-in
 * asks of it. `doctor exchange --api TENANT/NAME --token-stdin`: what calls to an API would carry. `doctor network`:
 * whether everything that the configuration names can be reached. All print what to change, and never a token or a secret.
 * @returns 1 when something would be refused
 */
export async function doctor(args: readonly string[], environment: Environment): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  const [topic, name, tooMany] = positionals;
  if (tooMany !== undefined) throw new UsageError(`"${tooMany}" is one argument too many`);
  const configuration = loadConfiguration(chooseConfiguration(values.config, environment), environment);
  const steps = await diagnose(topic, name, configuration, environment, values);
  const problems = steps.filter(({ result }) => result === 'problem').length;
  console.log(values.json === true ? JSON.stringify({ accepted: problems === 0, steps }, null, 2) : describeSteps(steps));
  if (values.json !== true) console.log(verdict(topic, problems));
  return problems === 0 ? 0 : 1;
}

type Values = { readonly tenant?: string | undefined; readonly api?: string | undefined; readonly 'token-stdin'?: boolean | undefined };

function diagnose(topic: string | undefined, name: string | undefined, configuration: LoadedConfiguration, environment: Environment, values: Values): Promise<readonly Step[]> {
  switch (topic) {
    case 'auth':
      return doctorAuth(configuration, environment, values);
    case 'provider':
      return doctorOfProvider(configuration, environment, name);
    case 'exchange':
      return doctorExchange(configuration, environment, values);
    case 'network':
      return doctorNetwork(configuration, environment);
    default:
      throw new UsageError('doctor takes "auth --token-stdin", "provider NAME", "exchange --api TENANT/NAME --token-stdin" or "network"');
  }
}

const failures: Readonly<Record<string, string>> = { auth: 'the credential would be refused', provider: 'sign-in will fail', exchange: 'calls would fail', network: 'not everything can be reached' };

function verdict(topic: string | undefined, problems: number): string {
  if (problems === 0) return topic === 'auth' ? '\nthe credential would be accepted' : '\nno problem found';
  return `\n${failures[topic ?? '']}: ${problems} ${problems === 1 ? 'problem' : 'problems'}`;
}

async function doctorAuth(configuration: LoadedConfiguration, environment: Environment, values: Values): Promise<readonly Step[]> {
  const { settings } = configuration;
  if (values.tenant !== undefined && !Object.hasOwn(settings.tenants, values.tenant)) throw new CommandError(`--tenant: the configuration has no tenant "${values.tenant}"`);
  const token = await readToken(values);
  return withStrategyParts(configuration, environment, async (parts, snapshot) => {
    const signIn = await SignIn.create(settings, (id) => parts.contextOf(id, snapshot));
    return diagnoseToken(token, { settings, publicUrls: settings.publicUrls, signIn, door: values.tenant });
  });
}

async function doctorExchange(configuration: LoadedConfiguration, environment: Environment, values: Values): Promise<readonly Step[]> {
  const { settings, folder } = configuration;
  const api = settings.apis.find(({ tenant, name }) => `${tenant}/${name}` === values.api);
  if (!api) throw new UsageError(`doctor exchange: --api is one of ${settings.apis.map(({ tenant, name }) => `${tenant}/${name}`).join(', ') || 'none: the configuration has no API'}`);
  const token = await readToken(values);
  return withStrategyParts(configuration, environment, async (parts, snapshot) => {
    const entry = await readEntry(settings, api, folder, snapshot.egress);
    const signIn = await SignIn.create(settings, (id) => parts.contextOf(id, snapshot));
    return diagnoseExchange(token, { settings, publicUrls: settings.publicUrls, signIn, secrets: snapshot.secrets, egress: snapshot.egress, api, heldScopes: (caller) => (entry ? heldScopes(caller, entry) : []) });
  });
}

/** Any operation of the API: its document says which scopes there are. */
async function readEntry(settings: LiveSettings, api: ApiSettings, folder: string, egress: Egress): Promise<OpenapiEntry | undefined> {
  const [document] = await prepareDocuments({ ...settings, apis: [api] }, folder, egress);
  return document && importApi(api, document.source, document.overlays).entries[0];
}

async function doctorOfProvider(configuration: LoadedConfiguration, environment: Environment, id: string | undefined): Promise<readonly Step[]> {
  const { providers, tenants, toolsets, publicUrls } = configuration.settings;
  if (id === undefined) throw new UsageError(`doctor provider: name one of ${Object.keys(providers).join(', ')}`);
  if (!Object.hasOwn(providers, id)) throw new CommandError(`the configuration has no provider "${id}"; it has ${Object.keys(providers).join(', ')}`);
  const itsTenants = Object.entries(tenants).flatMap(([tenant, { rules }]) => (rules.some(({ provider }) => provider === id) ? [tenant] : []));
  const itsSets = toolsets.filter(({ tenant }) => itsTenants.includes(tenant));
  const doors = new Set([mcpPath(undefined), ...itsTenants.map((tenant) => mcpPath(tenant)), ...itsSets.flatMap(({ tenant, name }) => [mcpPath(undefined, name), mcpPath(tenant, name)])]);
  const resources = publicUrls.flatMap((url) => [...doors].map((path) => url + path));
  return withStrategyParts(configuration, environment, async (parts, snapshot) => {
    const { settings, fetch, secret } = parts.contextOf(id, snapshot);
    return diagnoseProvider({ id, settings, resources, fetch, secret });
  });
}

async function doctorNetwork({ settings, folder }: LoadedConfiguration, environment: Environment): Promise<readonly Step[]> {
  const files = new SecretReader(folder, environment);
  return diagnoseNetwork({ settings, egress: readEgress(settings, files), folder, isNoProxyOfEnvironment: settings.egress.noProxy === undefined });
}

async function readToken({ 'token-stdin': isGiven }: Values): Promise<string> {
  if (isGiven !== true) throw new UsageError('doctor reads the token from standard input: add --token-stdin, and never put a token on the command line');
  const token = (await readStdin()).trim().replace(/^(?:authorization:\s*)?bearer\s+/i, '');
  if (token === '') throw new CommandError('there is no token on standard input');
  return token;
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}
