import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-package-'));
const npm = (...args: string[]): string => execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

afterAll(() => rmSync(folder, { recursive: true }));

describe('libs/openapi-tools as a package of its own', () => {
  it('is packed with what it needs, and works where nothing else of Gatehouse is', () => {
    const [packed] = JSON.parse(npm('pack', '--json', '--workspace', '@gatehouse-mcp/openapi-tools', '--pack-destination', folder)) as [{ filename: string }];
    execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', folder]);
    const home = join(folder, 'package');
    expect(readdirSync(home).sort()).toEqual(['README.md', 'dist', 'package.json']);
    const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    mkdirSync(join(home, 'node_modules'));
    for (const name of Object.keys(dependencies)) symlinkSync(join(root, 'node_modules', name), join(home, 'node_modules', name));
    const script = `
      import { compileOperation, indexOperations, loadDocument } from './dist/index.js';
      const document = loadDocument('{"openapi":"3.1.0","paths":{"/a":{"get":{"operationId":"getA","responses":{}}}}}');
      console.log(compileOperation(document, indexOperations(document).operations[0]).tool.name);`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: home, encoding: 'utf8' })).toBe('getA\n');
  });
});
