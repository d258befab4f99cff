import { z } from 'zod';
import { httpUrl, identifier, origin, secretReference, duration, fileOrUrl, entryPattern } from './configuration.values.js';
import { checkConnections } from './connection.checks.js';
import { connectionSchema, vaultSchema } from './connection.schema.js';
import { checkCredentials } from './credential.checks.js';
import { credentialSchema } from './credential.schema.js';
import { egressSchema, tenantEgressSchema } from './egress.schema.js';
import { providerSchema } from './provider.schema.js';
import { checkServers } from './server.checks.js';
import { approval, resultLimits, serverSchema } from './server.schema.js';
import { checkProduction, checkSignIn } from './sign-in.checks.js';
import { argumentMode, documentSource, operationFilter, operationOverride } from './openapi.values.js';
import { clientProfile, toolsetSchema, toolsSchema } from './tools.schema.js';
import { workspaceSchema } from './workspace.schema.js';
import { checkToolsets } from './toolset.checks.js';

/** The one schema of `gatehouse.yaml`. Unknown keys are errors; secrets are references, never values. */

const tenantRule = z.union([
  z.strictObject({ provider: identifier }),
  z.strictObject({ provider: identifier, claim: z.string().min(1), equals: z.string().min(1) }),
  z.strictObject({ provider: identifier, emailDomains: z.array(z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/, 'must be a lower-case domain name')).min(1) }),
]);

const tenant = z.strictObject({
  state: z.enum(['active', 'suspended']).default('active'),
  /** Who belongs to it; API keys name their tenant themselves. */
  rules: z.array(tenantRule).default([]),
  /** For what is done for this tenant only; `deny` of either wins. */
  egress: tenantEgressSchema.optional(),
});

const api = z.strictObject({
  /** Prefix of the API's tool names, so short. */
  name: identifier.max(20, 'must have at most 20 characters: it is the prefix of tool names'),
  tenant: identifier,
  /** Where the document is, or its text itself. */
  openapi: documentSource,
  /** How often a document at an address is looked at again. */
  refresh: duration.refine((ms) => ms >= 60_000, 'must be 1m or longer').optional(),
  /** Which changes of a document wait for an operator. */
  approval,
  overlay: z.union([fileOrUrl.transform((one) => [one]), z.array(fileOrUrl)]).default([]),
  /** Beginnings of the addresses and files that `$ref`s of the document may lead to; none by default. */
  references: z.array(fileOrUrl).default([]),
  baseUrl: httpUrl.optional(),
  serverVariables: z.record(z.string(), z.string()).optional(),
  include: z.array(entryPattern).min(1).optional(),
  filter: operationFilter.optional(),
  /** By operationId or `GET /path`. */
  overrides: z.record(z.string().min(1), operationOverride).default({}),
  /** The limits of which clients the tools keep. */
  profile: clientProfile.default('default'),
  argumentMode: argumentMode.default('flat'),
  /** Whether what is only read is offered as resources too. */
  resources: z.boolean().default(false),
  /** Whether a call may choose among the media types of a body. */
  contentTypeArgument: z.boolean().default(false),
  /** Most tokens of one result's text, at four characters each. */
  results: resultLimits,
  scopes: z.record(z.string(), z.string().min(1)).default({}),
  timeout: duration.default(30_000),
  credentials: z.array(credentialSchema).min(1),
});

const limits = z.strictObject({
  perCaller: z
    .strictObject({ requests: z.int().min(1).max(1_000_000), window: duration })
    .default({ requests: 600, window: 60_000 }),
  /** Standing streams, which wait for what changes. */
  streams: z
    .strictObject({ perCaller: z.int().min(1).max(100_000).default(32), perReplica: z.int().min(1).max(100_000).default(10_000) })
    .default({ perCaller: 32, perReplica: 10_000 }),
});

/** What `apply` stores as a revision and what replicas follow while they run. */
export const liveSchema = z.strictObject({
  providers: z.record(identifier, providerSchema).refine((map) => Object.keys(map).length > 0, 'must name at least one provider'),
  tenants: z.record(identifier, tenant).refine((map) => Object.keys(map).length > 0, 'must name at least one tenant'),
  apis: z.array(api).default([]),
  /** Other MCP servers. */
  servers: z.array(serverSchema).default([]),
  tools: toolsSchema.default({ searchAbove: 40, profiles: {} }),
  /** Named parts of a tenant's tools, by tenant. */
  toolsets: z.array(toolsetSchema).default([]),
  /** Accounts and keys of the users' own, by tenant. */
  connections: z.array(connectionSchema).default([]),
  vault: vaultSchema.optional(),
  policy: z.strictObject({ roles: z.record(z.string().min(1), z.array(entryPattern).min(1)).default({}) }).default({ roles: {} }),
  limits: limits.default({ perCaller: { requests: 600, window: 60_000 }, streams: { perCaller: 32, perReplica: 10_000 } }),
  /** Ways to speak MCP besides Streamable HTTP. */
  transports: z.strictObject({ sse: z.boolean().default(false) }).default({ sse: false }),
  egress: egressSchema.default({ allow: [], deny: [], clientCertificates: [] }),
});

/** The live part of a configuration. */
export const liveSettingsOf = (configuration: Configuration): LiveSettings => z.object(liveSchema.shape).parse(configuration);

/** What a revision holds: the settings, and which document each API has in force. */
export const revisionSchema = z.strictObject({
  settings: liveSchema,
  documents: z.record(z.string(), z.string()),
  /** Texts of each API's overlays, in order: the operator's own content, so they come with the settings. */
  overlays: z.record(z.string(), z.array(z.string())).default({}),
});

export type RevisionContent = z.output<typeof revisionSchema>;

const database = z.strictObject({
  /** One login that may create roles, in place of the three URLs. */
  connectionString: secretReference.optional(),
  url: secretReference.optional(),
  directUrl: secretReference.optional(),
  adminUrl: secretReference.optional(),
  embedded: z.boolean().default(false),
});

/** What is read once, at start. */
const startSchema = z.strictObject({
  publicUrls: z.array(origin).min(1, 'must list at least one URL; the first is canonical'),
  /** Browser origins, besides those of `publicUrls`, that may call `/mcp`. */
  allowedOrigins: z.array(origin).default([]),
  listen: z.strictObject({ host: z.string().min(1).default('0.0.0.0'), port: z.int().min(0).max(65_535).default(3232) }).default({ host: '0.0.0.0', port: 3232 }),
  environment: z.enum(['production', 'development']).default('production'),
  /** Files with entries written in TypeScript: ES modules whose default export makes them. */
  modules: z.array(fileOrUrl.refine((value) => value.startsWith('file:'), 'must be file:PATH')).default([]),
  /** Projects, todos and documents of each user; without it there are none. */
  workspace: workspaceSchema.optional(),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).default({ level: 'info' }),
  database,
  /** Redis or Valkey, where replicas count limits together. */
  redis: z.strictObject({ url: secretReference }).optional(),
});

export const configurationSchema = z
  .strictObject({ ...startSchema.shape, ...liveSchema.shape })
  .superRefine(checkReferences)
  .superRefine(checkDatabase)
  .superRefine((settings, context) => {
    if (settings.environment === 'production') checkProduction(settings.providers, (path, message) => context.addIssue({ code: 'custom', path, message }));
  });

export type Configuration = z.output<typeof configurationSchema>;
export type LiveSettings = z.output<typeof liveSchema>;
export type TenantSettings = z.output<typeof tenant>;
export type TenantRule = z.output<typeof tenantRule>;
export type ApiSettings = z.output<typeof api>;

type Context = z.RefinementCtx;

/** A name that another part of the file should have defined. */
function checkReferences(settings: LiveSettings, context: Context): void {
  const report = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const needProvider = (name: string, path: (string | number)[]) => {
    if (!Object.hasOwn(settings.providers, name)) report(path, `names provider "${name}", which providers does not define`);
  };
  for (const [name, { rules }] of Object.entries(settings.tenants)) {
    rules.forEach((rule, index) => needProvider(rule.provider, ['tenants', name, 'rules', index, 'provider']));
  }
  const seen = new Set<string>();
  settings.apis.forEach((item, index) => {
    if (!Object.hasOwn(settings.tenants, item.tenant)) report(['apis', index, 'tenant'], `names tenant "${item.tenant}", which tenants does not define`);
    const key = `${item.tenant}/${item.name}`;
    if (seen.has(key)) report(['apis', index, 'name'], `tenant "${item.tenant}" already has an API named "${item.name}"`);
    seen.add(key);
    if (item.refresh !== undefined && !/^https?:/.test(item.openapi)) report(['apis', index, 'refresh'], 'is for a document at an http(s) URL; a file is read again by apply');
    checkCredentials(item, settings, (path, message) => report(['apis', index, 'credentials', ...path], message));
  });
  checkServers(settings, report);
  checkToolsets(settings, report);
  checkConnections(settings, report);
  checkSignIn(settings, report);
}

function checkDatabase(settings: { database: z.output<typeof database>; environment: string }, context: Context): void {
  const { embedded, url, connectionString } = settings.database;
  const report = (message: string, key: string) => context.addIssue({ code: 'custom', path: ['database', key], message });
  if (embedded && url) report('is given together with embedded: true; choose one', 'url');
  if (connectionString && (embedded || url)) report(`is given together with ${embedded ? 'embedded: true' : 'url'}; choose one`, 'connectionString');
  if (!embedded && !url && !connectionString) report('is missing: give the runtime connection string, such as env:DATABASE_URL', 'url');
  if (embedded && settings.environment === 'production') {
    report('is for development and tests only; set environment: development, or give database.url', 'embedded');
  }
}
