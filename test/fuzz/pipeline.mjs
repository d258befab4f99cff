import { judgeList, judgeTool } from './judge-tool.mjs';
import { judgeRequest } from './judge-request.mjs';
import { makeArguments } from './random-arguments.mjs';
import { makeAnswer, makeLimits, makeProjection } from './random-answers.mjs';
import { freezeDeep } from './freeze-deep.mjs';
import { hostileValue } from './hostile-values.mjs';

const baseUrl = 'https://api.test:8443/base/v1';
/** Operations that one case compiles and calls; a document may have thousands. */
const maxOperations = 20;

/**
 * The whole way of one document: read, list, compile for every profile, call, shape. `run(step, work, ...expected)` measures a
 * step and lets only the expected error classes through as undefined; `fail(kind, detail)` records a broken promise.
 */
export function runPipeline(lib, { text, overlays }, random, { run, fail }) {
  const { DocumentError } = lib;
  const document = run('load', () => lib.loadDocument(text, { overlays, url: 'https://docs.test/openapi.json' }), DocumentError);
  if (document === undefined) return 'refused';
  freezeDeep(document.root);
  const index = run('index', () => lib.indexOperations(document));
  if (index === undefined) return 'failed';
  const operations = choose(index.operations, random);
  const twin = run('load again', () => lib.loadDocument(text, { overlays, url: 'https://docs.test/openapi.json' }), DocumentError);
  const again = twin === undefined ? undefined : run('index again', () => lib.indexOperations(twin));
  if (again === undefined || again.operations.length !== index.operations.length) fail('unequal', 'a second reading lists other operations');
  const tools = [];
  const pairs = [];
  for (const operation of operations) {
    for (const profile of Object.values(lib.clientProfiles)) {
      const compiled = run('compile', () => lib.compileOperation(document, operation, { profile }));
      const json = compiled && run('tool', () => JSON.stringify(compiled.tool));
      if (json === undefined) continue;
      const problem = judgeTool(JSON.parse(json), profile);
      if (problem !== undefined) fail('list rules', `${profile.name} ${operation.key.slice(0, 100)}: ${problem}`);
      if (compiled.toolJson(operation.name) !== json) fail('unequal', `toolJson of ${operation.key.slice(0, 100)} is not its tool`);
      if (profile.name === 'default') {
        tools.push(compiled.tool);
        pairs.push([compiled, compileAgain(lib, twin, again, index, operation, json, { run, fail })]);
        run('repairs', () => compiled.repairs.length);
        callOperation(lib, compiled, random, { run, fail });
      }
    }
  }
  const problem = judgeList(tools);
  if (problem !== undefined) fail('list rules', problem);
  compareAll(lib, pairs, { run, fail });
  curate(lib, document, operations, random, { run });
  shapeAnswers(lib, undefined, random, { run, fail });
  return 'listed';
}

function choose(operations, random) {
  if (operations.length <= maxOperations) return operations;
  return Array.from(new Set(Array.from({ length: maxOperations }, () => random.below(operations.length))), (at) => operations[at]);
}

function compileAgain(lib, twin, again, index, operation, json, { run, fail }) {
  const other = again?.operations[index.operations.indexOf(operation)];
  if (other === undefined) return undefined;
  const compiled = run('compile again', () => lib.compileOperation(twin, other));
  if (compiled !== undefined && JSON.stringify(compiled.tool) !== json) fail('unequal', `two runs differ in ${operation.key.slice(0, 100)}`);
  return compiled;
}

/** Two readings of one document differ in nothing; halves of it differ, and that is said without a throw. */
function compareAll(lib, pairs, { run, fail }) {
  const [before, after] = [pairs.map(([first]) => first), pairs.flatMap(([, second]) => second ?? [])];
  const changes = run('diff', () => lib.diffOperations(before, after));
  if (changes !== undefined && before.length === after.length && changes.length > 0) fail('unequal', `the diff of equal documents: ${JSON.stringify(changes[0]).slice(0, 300)}`);
  run('diff of halves', () => lib.diffOperations(before.slice(0, before.length / 2), after.slice(after.length / 2)).length);
}

/** What an owner may say of a document, right or wrong. */
function curate(lib, document, operations, random, { run }) {
  const [operation] = operations;
  run('override', () => lib.readOperationOverride(hostileValue(random, 4)));
  const overrides = { [operation?.key ?? 'x']: { name: random.pick(['x', '', '🙂', 'a'.repeat(100)]), arguments: { id: { hidden: true, value: hostileValue(random, 2) } }, examples: [{ a: 1 }] } };
  const index = run('curated index', () => lib.indexOperations(document, { maxNameLength: random.pick([1, 8, 44, 100]), overrides, filter: random.pick([{}, { tags: ['a'] }, { deprecated: false }, { paths: ['/**/{x}', '*['] }, { methods: ['GET'] }]) }));
  if (index !== undefined) run('report', () => lib.describeOperations(document, { ...index, operations: index.operations.slice(0, 5) }).length);
}

function callOperation(lib, compiled, random, { run, fail }) {
  const schema = compiled.tool.inputSchema;
  for (const noise of [0, 0, 0.05, 0.3]) {
    const args = makeArguments(schema, random, noise);
    freezeDeep(args);
    const result = run('validate', () => compiled.validate(args));
    if (result === undefined) continue;
    if (!result.ok) {
      if (typeof result.message !== 'string' || result.message === '' || result.message.length > 8_000) fail('message', `${result.message?.length} characters`);
      continue;
    }
    const request = run('bind', () => lib.bindRequest(compiled, result.args, { baseUrl }), lib.ArgumentError, lib.DocumentError);
    // Without an override the operation's own server is the base.
    const used = compiled.serverBase(baseUrl);
    const problem = request === undefined || used === undefined ? undefined : judgeRequest(request, used.origin + used.path, compiled.operation.path);
    if (problem !== undefined) fail('request', `${compiled.operation.key.slice(0, 100)}: ${problem}`);
    if (request !== undefined && describe(request) !== describe(lib.bindRequest(compiled, result.args, { baseUrl }))) fail('unequal', `two requests of ${compiled.operation.key.slice(0, 100)}`);
  }
  shapeAnswers(lib, run('shape options', () => lib.shapeOptionsOf(compiled)), random, { run, fail });
}

/** A multipart boundary is random on purpose. */
const describe = ({ url, headers, body }) => JSON.stringify([url.href, headers, body === undefined ? '' : Buffer.from(body).toString('latin1')]).replace(/gatehouse-[0-9a-f]{36}/g, 'boundary');

function shapeAnswers(lib, own, random, { run, fail }) {
  const path = makeProjection(random);
  const projection = random.chance(0.3) ? run('projection', () => lib.compileProjection(path), lib.ProjectionError) : undefined;
  const options = { ...own, ...makeLimits(random), ...(projection === undefined ? {} : { projection }) };
  const answer = makeAnswer(random);
  const result = run(`shape ${projection === undefined ? '' : path}`, () => lib.shapeResult(answer, options));
  if (result === undefined) return;
  const problem = judgeResult(result, answer, options, own);
  if (problem !== undefined) fail('result', `${answer.status} ${String(answer.headers['content-type'])}: ${problem}`);
}

function judgeResult(result, answer, options, own) {
  if (!Array.isArray(result.content) || result.content.length === 0) return 'no content';
  if (answer.status >= 400 && !result.isError) return 'a success';
  if (!JSON.stringify(result.content).isWellFormed()) return 'half a surrogate pair';
  if (result.structuredJson !== undefined) {
    const value = JSON.parse(result.structuredJson);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'structured content that is no object';
  } else if (own?.accepts !== undefined && !result.isError) return 'no structured content';
  const text = result.content.reduce((sum, block) => sum + (block.text?.length ?? 0), 0);
  return text > options.maxText + 12_000 ? `${text} characters, limit ${options.maxText}` : undefined;
}
