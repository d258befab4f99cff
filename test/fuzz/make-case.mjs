import { dump, load } from 'js-yaml';
import { overlayText, parseSource, readSource } from './corpus.mjs';
import { bombs, mutateBytes } from './mutate-bytes.mjs';
import { mutateTree } from './mutate-tree.mjs';

/** Documents above this are chosen rarely, and only every so often written as YAML: they cost seconds. */
const largeBytes = 600_000;

/** One input: the document's text or bytes, overlays, and what was done to it. Equal for equal seeds and sources. */
export function makeCase(random, sources) {
  const source = chooseSource(random, sources);
  const kind = random.next();
  const overlays = random.chance(0.15) ? [makeOverlay(random)] : [];
  if (kind < 0.02) return { source: 'bomb', text: random.pick(bombs), overlays, done: [] };
  if (kind < 0.2) {
    const count = 1 + random.below(6);
    return { source: source.name, text: mutateBytes(readSource(source), random, count), overlays, done: [`${count} byte changes`] };
  }
  const root = parseSource(source);
  const done = mutateTree(root, random, 1 + random.below(random.pick([3, 10, 40])));
  return { source: source.name, text: write(root, source, random), overlays, done };
}

function chooseSource(random, sources) {
  const small = sources.filter(({ bytes }) => bytes <= largeBytes);
  return random.chance(0.9) && small.length > 0 ? random.pick(small) : random.pick(sources);
}

function write(root, source, random) {
  const json = JSON.stringify(root);
  // The YAML writer takes quadratic time for what is deep.
  return random.chance(0.2) && json.length <= largeBytes && depthOf(json) < 100 ? dump(root, { skipInvalid: true }) : json;
}

/** Nesting of a JSON text, brackets inside its strings counted too: an upper bound is enough. */
function depthOf(json) {
  let depth = 0;
  let deepest = 0;
  for (const bracket of json.match(/[[\]{}]/g) ?? []) {
    depth += bracket === '{' || bracket === '[' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function makeOverlay(random) {
  if (random.chance(0.5)) return overlayText();
  if (random.chance(0.3)) return mutateBytes(overlayText(), random, 2).toString();
  const root = load(overlayText());
  mutateTree(root, random, 1 + random.below(4));
  return JSON.stringify(root);
}
