import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { demoConfigurationFile, moveConfiguration } from './demo.configuration.js';
import { demoFolder } from './paths.js';
import { derivePorts } from './ports.js';

describe('the demo configuration', () => {
  it('moves every port and leaves no default one behind', () => {
    const text = moveConfiguration(derivePorts(4000));
    expect(text).not.toMatch(/3001|3002|3003|3232/);
    expect(load(text)).toMatchObject({
      publicUrls: ['http://localhost:4232', 'http://127.0.0.1:4232'],
      listen: { port: 4232 },
      providers: { demo: { issuer: 'http://localhost:4001' } },
      egress: { allow: ['localhost:4001', 'localhost:4002', 'localhost:4003'] },
      servers: [{ url: 'http://localhost:4003/mcp' }, { tenant: 'globex' }],
      apis: [{ baseUrl: 'http://localhost:4002', openapi: `file:${demoFolder}/orders-api/openapi.json` }, { tenant: 'globex' }, { name: 'docs', baseUrl: 'http://localhost:4002' }],
    });
  });

  it('is the written file at the default ports, but for the folder', () => {
    const moved = load(moveConfiguration(derivePorts(3000)).replaceAll(`file:${demoFolder}/`, 'file:./'));
    expect(moved).toEqual(load(readFileSync(demoConfigurationFile, 'utf8')));
  });
});
