import { describe, expect, it } from '@jest/globals';
import { demoUsage, parseDemoOptions } from './demo.options.js';

describe('the options of the demo', () => {
  it('have defaults', () => {
    expect(parseDemoOptions([])).toEqual({ once: false, help: false, portBase: 3000 });
  });

  it('are read', () => {
    expect(parseDemoOptions(['--once', '--port-base', '5000'])).toEqual({ once: true, help: false, portBase: 5000 });
    expect(parseDemoOptions(['--port-base=5000', '-h'])).toEqual({ once: false, help: true, portBase: 5000 });
  });

  it.each([[['--twice']], [['extra']], [['--port-base']], [['--once=yes']]])('answer %j with the usage', (args) => {
    expect(() => parseDemoOptions(args)).toThrow(demoUsage);
  });

  it.each(['80', '70000', 'abc'])('refuse the port base %s', (base) => {
    expect(() => parseDemoOptions(['--port-base', base])).toThrow('--port-base must be a number');
  });
});
