/**
 * The import law of docs/architecture.md. Each module names what it may import from `src`; what everybody may import is
 * listed once. A new edge is a decision: change the law and the document together.
 */
const everybody = ['config', 'context', 'errors', 'database', 'observability'];
const law = {
  config: ['context', 'errors', 'database'],
  context: [],
  errors: ['context', 'observability'],
  database: ['errors', 'context'],
  observability: ['context', 'errors', 'database', 'audit'],
  audit: [],
  auth: ['audit'],
  tenancy: ['audit'],
  catalog: ['tenancy'],
  policy: ['catalog'],
  limits: ['tenancy', 'audit'],
  'token-exchange': ['tenancy'],
  credentials: ['token-exchange', 'tenancy'],
  upstream: ['credentials', 'catalog'],
  calls: ['catalog', 'policy', 'limits', 'audit', 'upstream', 'credentials'],
  mcp: ['calls', 'catalog', 'policy'],
  workspace: ['catalog', 'upstream'],
  web: ['credentials', 'tenancy', 'auth', 'audit'],
};
const closed = new Set(['config', 'context', 'errors', 'database', 'observability']);

const folders = Object.entries(law).map(([name, allowed]) => {
  const may = [name, ...allowed, ...(closed.has(name) ? [] : everybody)];
  // Every controller says which routes are public.
  const access = '^src/auth/access\\.ts$';
  return {
    name: `${name}-imports`,
    severity: 'error',
    from: { path: `^src/${name}/`, pathNot: '\\.spec\\.ts$' },
    to: { path: '^src/', pathNot: [`^src/(${may.join('|')})/`, access] },
  };
});

/** A package that only these places may import. */
const only = (name, packages, places) => ({
  name,
  severity: 'error',
  from: { path: '^(src|libs)/', pathNot: [...places, '\\.spec\\.ts$'] },
  to: { path: `node_modules/(${packages})(/|$)` },
});

module.exports = {
  forbidden: [
    ...folders,
    { name: 'no-cycles', severity: 'error', from: { path: '^(src|libs|demo|bench)/' }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/', pathNot: '\\.spec\\.ts$' }, to: { path: '^(src|demo|bench|test)/' } },
    { name: 'libs-know-no-framework', severity: 'error', from: { path: '^libs/' }, to: { path: 'node_modules/(@nestjs|fastify|typeorm)(/|$)' } },
    { name: 'app-knows-no-demo', severity: 'error', from: { path: '^src/', pathNot: '\\.spec\\.ts$' }, to: { path: '^(demo|bench|test)/' } },
    { name: 'app-needs-no-test-library', severity: 'error', from: { path: '^src/', pathNot: '\\.spec\\.ts$' }, to: { path: '^libs/testing/' } },
    only('mcp-sdk-at-the-edge', '@modelcontextprotocol/(?:server|core|node|sdk)', ['^src/mcp/']),
    only('mcp-client-sdk-in-connect', '@modelcontextprotocol/client', ['^src/cli/connect/']),
    only('typeorm-beside-entities', 'typeorm', ['^src/database/', '\\.entity\\.ts$', '^src/tenancy/tenant\\.(database|registry)\\.ts$', '^src/audit/', '^src/config/live-configuration\\.ts$', '^src/auth/(api-keys|identities|revocations)/', '^src/credentials/(vault|resolver)/']),
    only('passport-in-auth', 'passport|passport-jwt', ['^src/auth/']),
    { name: 'only-config-reads-the-environment', severity: 'error', from: { path: '^src/', pathNot: ['^src/main\\.ts$'] }, to: { path: '^(node:)?process$' } },
    { name: 'resolvable', severity: 'error', from: { path: '^(src|libs)/' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Our own output only: most packages have their modules in a dist/ too, and an excluded module breaks no rule.
    exclude: { path: ['^dist/', '^demo/dist/', '^bench/dist/', '^libs/[^/]+/dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['gatehouse-source', 'import', 'require', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'] },
  },
};
