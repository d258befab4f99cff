import { describe, expect, it } from '@jest/globals';
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import { readClientFacts, sessionIdFor } from './client-facts.js';
import { createFindProfile } from './client-profiles.js';

const initialize = (name: unknown, capabilities: unknown = {}) => ({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities, clientInfo: { name, version: '1' } } }) as JSONRPCRequest;
const list: JSONRPCRequest = { jsonrpc: '2.0', id: 2, method: 'tools/list' };
const opensUrls = { elicitation: { url: {} } };

const known = createFindProfile({});

/** What a later message of the same client tells. */
function remembered(message: JSONRPCRequest) {
  return readClientFacts('legacy', list, sessionIdFor(message, known), known);
}

describe('a legacy client', () => {
  it('gets an id of its own in answer to initialize alone, without facts when nothing has to be known of it', () => {
    const ids = [1, 2].map(() => sessionIdFor(initialize('someone'), known));
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(new Set(ids).size).toBe(2);
    expect(sessionIdFor(list, known)).toBeUndefined();
    expect(remembered(initialize('someone'))).toEqual({ urlElicitation: 'none', profile: undefined });
  });

  it('brings along what it said in initialize', () => {
    expect(remembered(initialize('cursor-vscode'))).toEqual({ urlElicitation: 'none', profile: 'cursor' });
    expect(remembered(initialize('someone', opensUrls))).toEqual({ urlElicitation: 'legacy', profile: undefined });
    expect(remembered(initialize('gemini-cli-mcp-client-gatehouse', opensUrls))).toEqual({ urlElicitation: 'legacy', profile: 'gemini' });
  });

  it('may still have an id of the first kind', () => {
    expect(readClientFacts('legacy', list, 'url-elicitation.0c2f9c1e-8f4e-4a57-9a0b-3f0c54c1ab11', known)).toEqual({ urlElicitation: 'legacy', profile: undefined });
  });

  it.each<[string, string | string[] | undefined]>([
    ['none', undefined],
    ['two', ['url-elicitation.x', 'profile-gemini.x']],
    ['without facts', '0c2f9c1e-8f4e-4a57-9a0b-3f0c54c1ab11'],
    ['of a profile that is none', 'profile-nothing.x'],
    ['of a property that every object has', 'profile-constructor.x'],
    ['with the facts at its end', 'x.url-elicitation'],
    ['of great length', `profile-gemini.${'x'.repeat(10_000)}`],
  ])('tells nothing by a session id that is not ours: %s', (_, id) => {
    expect(readClientFacts('legacy', list, id, known)).toEqual({ urlElicitation: 'none', profile: undefined });
  });
});

describe('a modern client', () => {
  it('says in each message who it is and what it can do, and its session id says nothing', () => {
    const message = { ...list, params: { _meta: { 'io.modelcontextprotocol/clientInfo': { name: 'gemini-cli-mcp-client', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': opensUrls } } } as JSONRPCRequest;
    expect(readClientFacts('modern', message, 'profile-cursor.x', known)).toEqual({ urlElicitation: 'modern', profile: 'gemini' });
    expect(readClientFacts('modern', list, 'url-elicitation.profile-cursor.x', known)).toEqual({ urlElicitation: 'none', profile: undefined });
  });
});

describe('the profile of a client', () => {
  it('is that of the configuration first, in its order', () => {
    const find = createFindProfile({ 'acme-*': 'full', 'acme-agent': 'gemini', 'cursor*': 'default' });
    expect(['acme-agent', 'cursor-vscode', 'claude-ai (via mcp-remote 0.1.37)'].map(find)).toEqual(['full', 'default', 'anthropic']);
  });

  it.each([[undefined], [7], [''], ['x'.repeat(10_000)], ['my cursor-vscode']])('is none for %j', (name) => {
    expect(known(name)).toBeUndefined();
  });
});
