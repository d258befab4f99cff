/** Costs of tool views in the built gateway's own classes, as JSON. Started with --expose-gc. */
import { importApi } from '../../dist/catalog/catalog.js';
import { liveSchema } from '../../dist/config/configuration.schema.js';
import { ToolViews } from '../../dist/policy/tool-views.js';

const TOOLS = 1_000;
const SETS = 50;
const USERS = 10_000;
const ROUNDS = 40;

const nouns = ['invoice', 'customer', 'shipment', 'refund', 'warehouse', 'supplier', 'contract', 'employee', 'vehicle', 'ticket', 'order', 'item', 'report', 'role', 'group', 'token', 'key', 'event', 'webhook', 'license'];
const verbs = ['read', 'list', 'create', 'update'];
const tenant = { id: 'acme', name: 'acme', schema: 'acme', role: 'acme', state: 'active' };
const roles = Array.from({ length: SETS }, (_, index) => `role-${index}`);
const [listed, searched] = [settingsWith(false), settingsWith(40)];
const catalog = { entries: importApi(listed.apis[0], { document: Buffer.from(JSON.stringify(documentOf(TOOLS))), externals: {} }).entries };
const callers = Array.from({ length: USERS }, (_, index) => ({ caller: { roles: new Set([roles[index % SETS]]) }, tenant, toolset: undefined }));

const figures = { ...(await measureBuild()), ...(await measureMemory()) };
console.log(JSON.stringify(figures));
process.exit(0);

/**
 * Milliseconds for the view of a permission set that nobody had before: with its index, with its list, and the least that is to be done for either. `policy`: the
 * first view under another policy, which reads what its roles reserve for all that follow.
 */
async function measureBuild() {
  // The catalog's own costs, which its first view pays: compiling, and the words of each tool.
  const firstStart = performance.now();
  await (await viewsOver(searched).viewOf(callers[0])).search('order', 10);
  const first = performance.now() - firstStart;
  (await viewsOver(listed).viewOf(callers[0])).page(undefined);
  const times = { policy: [], index: [], list: [], copy: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bySearch = viewsOver(searched);
    const byList = viewsOver(listed);
    times.policy.push(await millis(() => bySearch.viewOf(callers[0])));
    await byList.viewOf(callers[0]);
    const one = callers[1 + (round % (SETS - 1))];
    times.index.push(await millis(async () => (await bySearch.viewOf(one)).search('list orders of a customer', 10)));
    times.list.push(await millis(async () => (await byList.viewOf(one)).page(undefined)));
    times.copy.push(await millis(async () => new Map(catalog.entries.map((entry) => [entry.name, entry])).size));
  }
  return { first, policy: medianOf(times.policy), index: medianOf(times.index), list: medianOf(times.list), copy: medianOf(times.copy) };
}

/** Megabytes above idle with all users served: searched, listed, and what as many users cost with a map of their own each. */
async function measureMemory() {
  const serve = async (settings, use) => {
    const before = megabytes();
    const views = viewsOver(settings);
    for (const call of callers) await use(await views.viewOf(call));
    const after = megabytes();
    // Kept until it is measured.
    if ((await views.viewOf(callers[0])).size === 0) throw new Error('the view is empty');
    return after - before;
  };
  const searchedMegabytes = await serve(searched, (view) => view.search('list orders of a customer', 10));
  const listedMegabytes = await serve(listed, (view) => view.page(undefined));
  const before = megabytes();
  const own = callers.slice(0, USERS / 100).map(() => new Map(catalog.entries.map((entry) => [entry.name, entry])));
  const ownMegabytes = (megabytes() - before) * 100;
  if (own.length === 0) throw new Error('nothing was measured');
  return { searchedMegabytes, listedMegabytes, ownMegabytes };
}

function viewsOver(settings) {
  return new ToolViews({ current: { settings } }, { of: async () => catalog });
}

function settingsWith(searchAbove) {
  return liveSchema.parse({
    providers: { corp: { preset: 'oidc', issuer: 'https://idp.example' } },
    tenants: { acme: {} },
    apis: [{ name: 'api', tenant: 'acme', openapi: 'file:./api.json', baseUrl: 'https://api.example', credentials: [{ type: 'none' }] }],
    tools: { searchAbove },
    // Each role has two tools that the others have not.
    policy: { roles: Object.fromEntries(roles.map((role, index) => [role, [`api.${operationId(index)}`, `api.${operationId(index + SETS)}`]])) },
  });
}

/** Of 20 kinds of things, with texts of the length that real documents have. */
function documentOf(count) {
  const paths = {};
  for (let index = 0; index < count; index += 1) {
    const { noun, verb, kind } = subjectOf(index);
    paths[`/${verb}/${noun}s/${kind}/{id}`] = {
      get: {
        operationId: operationId(index),
        summary: `${verb} ${noun}s of kind ${kind}`,
        description: `Use it to ${verb} each ${noun} that the signed-in user may see. The answer has its state, its history and who changed it last, newest first.`,
        tags: [`${noun}s`],
        parameters: ['id', 'filter', 'sort', 'page_size', 'includeArchived', `${noun}_state`].map((name) => ({ name, in: name === 'id' ? 'path' : 'query', required: name === 'id', description: `The ${name} of the ${noun}.`, schema: { type: 'string' } })),
        responses: {},
      },
    };
  }
  return { openapi: '3.1.0', info: { title: 'Large', version: '1' }, paths };
}

function subjectOf(index) {
  return { noun: nouns[index % nouns.length], verb: verbs[Math.floor(index / nouns.length) % verbs.length], kind: Math.floor(index / (nouns.length * verbs.length)) };
}

function operationId(index) {
  const { noun, verb, kind } = subjectOf(index);
  return `${verb}${noun[0].toUpperCase()}${noun.slice(1)}Kind${kind}`;
}

function megabytes() {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

async function millis(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function medianOf(values) {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)];
}
