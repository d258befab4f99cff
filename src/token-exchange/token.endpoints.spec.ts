import { afterEach, describe, expect, it } from '@jest/globals';
import { Egress, EgressPolicy } from '@gatehouse-mcp/egress';
import { TokenEndpoints } from './token.endpoints.js';

const egress = new Egress(new EgressPolicy([]));
const endpoints = new TokenEndpoints(() => egress);
afterEach(() => endpoints.onApplicationShutdown());

describe('the way to token endpoints', () => {
  it('keeps the state of a bounded number of them: an answer of a credential service may name any', () => {
    const first = endpoints.fetchOf('https://first.example/token');
    expect(endpoints.fetchOf('https://first.example/token')).toBe(first);
    for (let count = 0; count < 2_000; count += 1) endpoints.fetchOf(`https://h${count}.example/token`);
    expect(endpoints.fetchOf('https://first.example/token')).not.toBe(first);
  });

  it('keeps that of one that is asked again and again', () => {
    const asked = endpoints.fetchOf('https://asked.example/token');
    for (let count = 0; count < 2_000; count += 1) {
      endpoints.fetchOf(`https://h${count}.example/token`);
      expect(endpoints.fetchOf('https://asked.example/token')).toBe(asked);
    }
  });
});
