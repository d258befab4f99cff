/** The process environment, as `config/` hands it on. Nothing else reads `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

type Override = (value: string, name: string) => readonly [path: readonly string[], value: unknown];

/** Variables that override a setting of the file. Secrets stay references, here to the variable itself. */
const overrides: Readonly<Record<string, Override>> = {
  GATEHOUSE_ENVIRONMENT: (value) => [['environment'], value],
  GATEHOUSE_PUBLIC_URLS: (value) => [['publicUrls'], value.split(',').map((url) => url.trim())],
  GATEHOUSE_LISTEN_HOST: (value) => [['listen', 'host'], value],
  GATEHOUSE_LISTEN_PORT: (value) => [['listen', 'port'], /^\d+$/.test(value) ? Number(value) : value],
  GATEHOUSE_LOG_LEVEL: (value) => [['log', 'level'], value],
  GATEHOUSE_DATABASE_URL: (_, name) => [['database', 'url'], `env:${name}`],
  GATEHOUSE_DATABASE_DIRECT_URL: (_, name) => [['database', 'directUrl'], `env:${name}`],
  GATEHOUSE_DATABASE_ADMIN_URL: (_, name) => [['database', 'adminUrl'], `env:${name}`],
};

/** The exemptions that other programs read too; they stand in for `egress.noProxy` where a proxy is configured. */
export function noProxyOf({ NO_PROXY: upper, no_proxy: lower }: Environment): string | undefined {
  return upper ?? lower;
}

/** A copy of the document with the environment's overrides in it. */
export function applyEnvironment(document: Record<string, unknown>, environment: Environment): Record<string, unknown> {
  let result = document;
  for (const [name, override] of Object.entries(overrides)) {
    const value = environment[name];
    if (value !== undefined && value !== '') result = assign(result, ...override(value, name));
  }
  return result;
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): Record<string, unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return target;
  if (rest.length === 0) return { ...target, [key]: value };
  const inner = target[key];
  const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  return { ...target, [key]: assign(object, rest, value) };
}
