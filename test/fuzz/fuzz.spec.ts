import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe('fuzzing the OpenAPI compiler (openapi.md L08, L15, L17; attacks 10, 14, 34, 35)', () => {
  it('finds nothing in ten seconds of a fixed seed: no crash, no hang, no illegal tool, no URL outside its base', () => {
    const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.mjs'), '--seconds', '10', '--seed', '1', '--small'], { encoding: 'utf8', timeout: 90_000 });
    expect(stdout).toMatch(/ 0 findings/);
    expect(status).toBe(0);
    // A run that reached nothing would find nothing.
    expect(Number(/(\d+) listed/.exec(stdout)?.[1])).toBeGreaterThan(5);
  }, 100_000);
});
