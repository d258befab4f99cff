import { afterAll, beforeAll } from '@jest/globals';
import { bindRequest, type BindTarget, type CompiledOperation, type JsonObject } from '@gatehouse-mcp/openapi-tools';
import { RawUpstream, type RawRequest } from '@gatehouse-mcp/testing';
import { Agent } from 'undici';

/** For one spec file: sends what a call makes to a server that reads bytes, and gives what arrived. */
export function useWire(): (compiled: CompiledOperation, args: JsonObject, target?: BindTarget) => Promise<RawRequest> {
  const agent = new Agent();
  let upstream: RawUpstream | undefined;
  beforeAll(async () => {
    upstream = await RawUpstream.start();
  });
  afterAll(async () => {
    await agent.destroy();
    await upstream?.stop();
  });
  return async (compiled, args, target = {}) => {
    if (upstream === undefined) throw new Error('the wire is for the tests of the file that uses it');
    const { method, url, headers, body } = bindRequest(compiled, args, { ...target, baseUrl: upstream.url });
    // undici's type lists the methods it knows; it sends any token.
    const answer = await agent.request({ origin: url.origin, path: url.pathname + url.search, method: method as 'POST', headers: headers.flat(), body: body ?? null });
    await answer.body.dump();
    return upstream.last;
  };
}
