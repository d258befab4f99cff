import { ArgumentError, type JsonObject, type LinkAnswer } from '@gatehouse-mcp/openapi-tools';
import { type InputRequiredResult, type JSONRPCRequest, ProtocolError, ProtocolErrorCode, type ReadResourceResult } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { CallGate, UNKNOWN_ENTRY } from '../calls/call.gate.js';
import { CallRunner } from '../calls/call.runner.js';
import { isSafe } from '../calls/safe-operation.js';
import { OpenapiEntry, type Entry } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import { ConnectionRequiredError } from '../errors/connection-required.error.js';
import { GatewayError } from '../errors/gateway.error.js';
import { linkToAnswer, readAnswerUri } from './answer-uri.js';
import { adviseToConnect, askToConnect } from './connection-required.js';
import type { Exchange } from './mcp.servers.js';
import { reportProgress } from './progress.js';

/** A linked answer that a message asks for, admitted. */
export interface LinkedAnswer {
  readonly entry: OpenapiEntry;
  readonly arguments: JsonObject;
}

/**
 * Answers that are too large for a result, as resources. Nothing is kept of them, and a link grants nothing: to read one is to make
 * the same call again, as whoever reads it.
 */
@Injectable()
export class AnswerLinks {
  constructor(
    private readonly gate: CallGate,
    private readonly runner: CallRunner,
  ) {}

  /** @returns how the call's answer can be linked to; undefined where it cannot */
  linkTo({ client }: Exchange, entry: Entry, args: JsonObject): LinkAnswer | undefined {
    if (!client.takesResourceLinks || !isReadable(entry)) return undefined;
    return () => linkToAnswer({ tool: entry.name, arguments: args });
  }

  /**
   * What must be settled before an answer begins.
   * @returns undefined for a message that asks for no linked answer
   * @throws GatewayError `unknown_entry`, also for a tool whose call is more than reading, or 403 with its challenge
   */
  async admit(call: CallContext, { method, params }: JSONRPCRequest, clientProfile: string | undefined): Promise<LinkedAnswer | undefined> {
    const asked = method === 'resources/read' ? readAnswerUri(String(params?.['uri'])) : undefined;
    if (!asked) return undefined;
    const entry = await this.gate.lookUp(call, asked.tool, clientProfile);
    if (!isReadable(entry)) return this.gate.refuse(call, asked, new GatewayError(UNKNOWN_ENTRY, 'there is no such resource'));
    await this.gate.assertScopes(call, entry, asked);
    return { entry, arguments: asked.arguments };
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
