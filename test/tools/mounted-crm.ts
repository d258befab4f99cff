import { Module } from '@nestjs/common';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { McpServerOf, type McpServerFactory } from '../../src/catalog/servers/mcp-server.decorator.js';
import type { CallContext } from '../../src/context/call-context.js';

/** A team's server, as it was before: it keeps what it is told in its instance, as if there were one user. */
@McpServerOf('crm', { scopes: { 'crm.forget': 'items:write' } })
export class Crm implements McpServerFactory {
  /** Contexts that servers were made for. */
  readonly made: CallContext[] = [];
  closed = 0;

  create(context: CallContext): McpServer {
    this.made.push(context);
    const remembered: string[] = [];
    const server = new McpServer({ name: 'crm', version: '1.0.0' }, { capabilities: { logging: {} } });
    server.registerTool('remember', { title: 'Remember', description: 'Keeps a text.', inputSchema: z.object({ text: z.string() }), outputSchema: z.object({ by: z.string(), texts: z.array(z.string()) }) }, ({ text }) => {
      remembered.push(text);
      const structuredContent = { by: context.caller.subject, texts: [...remembered] };
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    });
    server.registerTool('forget', { description: 'Forgets.' }, () => ({ content: [{ type: 'text', text: `forgotten for ${context.caller.subject} of ${context.tenant.name}` }] }));
    server.registerTool('fails', { description: 'Fails.' }, () => {
      throw new Error('the CRM is closed');
    });
    server.registerTool('waits', { description: 'Waits.' }, async (extra) => {
      await new Promise((resolve) => extra.mcpReq.signal.addEventListener('abort', resolve, { once: true }));
      return { content: [] };
    });
    server.registerResource('customer', new ResourceTemplate('crm://customers/{id}', { list: undefined }), { description: 'A customer.' }, (uri) => ({ contents: [{ uri: uri.href, text: `${uri.href} of ${context.caller.subject}` }] }));
    server.registerPrompt('greet', { description: 'Greets.', argsSchema: z.object({ name: z.string() }) }, ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name} for ${context.caller.subject}.` } }] }));
    const close = server.close.bind(server);
    return Object.assign(server, {
      close: async () => {
        this.closed += 1;
        await close();
      },
    });
  }
}

@Module({ providers: [Crm] })
export class CrmModule {}
