/**
 * Resolves our own imports to TypeScript sources: `./x.js` names `x.ts`, and `@gatehouse-mcp/x` names the
 * workspace's `src/index.ts`, so tests never run against a stale build.
 */
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '../..');

module.exports = (request, options) => {
  const library = /^@gatehouse-mcp\/([a-z-]+)$/.exec(request)?.[1];
  if (library) return join(root, 'libs', library, 'src/index.ts');
  if (request.startsWith('.') && request.endsWith('.js') && !options.basedir.includes('node_modules')) {
    const source = resolve(options.basedir, `${request.slice(0, -3)}.ts`);
    if (existsSync(source)) return source;
  }
  return options.defaultResolver(request, { ...options, conditions: ['require', 'node', 'default', ...(options.conditions ?? [])] });
};
