import { ArgumentError, type JsonObject, type LinkAnswer } from '@gatehouse-mcp/openapi-tools';
import { type InputRequiredResult, type JSONRPCRequest, ProtocolError, ProtocolErrorCode, type ReadResourceResult } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { CallGate, UNKNOWN_ENTRY } from '../calls/call.gate.js';
import { CallRunner } from '../calls/call.runner.js';
import { isSafe } from '../catalog/safe-operation.js';
import { readResourceUri, resourceOf } from '../catalog/api-resource.js';
import { OpenapiEntry, type Entry } from '../catalog/entry.js';
import { ToolViews } from '../policy/tool-views.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { linkToAnswer, readAnswerUri } from './answer-uri.js';
import { adviseToConnect, askToConnect } from './connection-required.js';
import type { Exchange } from './mcp.servers.js';
import { reportProgress } from './progress.js';

/** An answer that a message asks for, admitted. */
export interface LinkedAnswer {
  readonly entry: OpenapiEntry;
  readonly arguments: JsonObject;
}

/**
 * What APIs answer, as resources: operations whose API offers them as such, and answers that are too large for a result. Nothing is kept
 * of them, and a URI grants nothing: to read one is to make the call, as whoever reads it.
 */
@Injectable()
export class ApiResources {
  constructor(
    private readonly gate: CallGate,
    private readonly runner: CallRunner,
    private readonly views: ToolViews,
  ) {}

  /** The members of resources/list, or of resources/templates/list. */
  async list({ call, client }: Exchange, isTemplate: boolean): Promise<readonly unknown[]> {
    const view = await this.views.viewOf(call, client.profile);
    const resources = view.entries.flatMap((entry) => (entry instanceof OpenapiEntry ? (resourceOf(entry) ?? []) : []));
    return resources.filter((resource) => resource.isTemplate === isTemplate).map(({ listed }): unknown => JSON.parse(listed));
  }

  /** @returns how the call's answer can be linked to; undefined where it cannot */
  linkTo({ client }: Exchange, entry: Entry, args: JsonObject): LinkAnswer | undefined {
    if (!client.takesResourceLinks || !isReadable(entry)) return undefined;
    return () => linkToAnswer({ tool: entry.name, arguments: args });
  }

  /**
   * What must be settled before an answer begins.
   * @returns undefined for a message that asks for no answer of an API
   * @throws GatewayError `unknown_entry`, also for a tool whose call is more than reading, or 403 with its challenge
   */
  async admit(call: CallContext, { method, params }: JSONRPCRequest, clientProfile: string | undefined): Promise<LinkedAnswer | undefined> {
    const uri = method === 'resources/read' ? String(params?.['uri']) : '';
    const answer = readAnswerUri(uri);
    const resource = readResourceUri(uri);
    const tool = answer?.tool ?? resource?.tool;
    if (tool === undefined) return undefined;
    const entry = await this.gate.lookUp(call, tool, clientProfile);
    const args = answer?.arguments ?? (resource && entry instanceof OpenapiEntry ? resourceOf(entry)?.argumentsOf(resource.values) : undefined);
    if (!args || !isReadable(entry)) return this.gate.refuse(call, { tool, arguments: args ?? {} }, new GatewayError(UNKNOWN_ENTRY, 'there is no such resource'));
    await this.gate.assertScopes(call, entry, { tool, arguments: args });
    return { entry, arguments: args };
  }

  async read({ call, client, message, notifier }: Exchange, uri: string, { entry, arguments: args }: LinkedAnswer): Promise<ReadResourceResult | InputRequiredResult> {
    const stopReporting = reportProgress(notifier, message.params?.['_meta']?.progressToken, `waiting for ${entry.group}`);
    try {
      return { contents: [{ uri, ...(await this.runner.read(call, entry, args)) }] };
    } catch (error) {
      // The tool may have changed since the link was made.
      if (error instanceof ArgumentError) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message, { uri });
      if (!(error instanceof ConnectionRequiredError)) throw error;
      const asked = askToConnect(error, client.urlElicitation);
      if (asked) return asked;
      throw new GatewayError(error, adviseToConnect(error, 'read the resource'));
    } finally {
      stopReporting();
    }
  }
}

/** Reading a resource must change nothing. */
const isReadable = (entry: Entry | undefined): entry is OpenapiEntry => entry instanceof OpenapiEntry && isSafe(entry.operation);
