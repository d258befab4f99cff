import { CLIENT_CAPABILITIES_META_KEY, inputRequired, LOG_LEVEL_META_KEY, MissingRequiredClientCapabilityError, type InputRequests, type InputRequiredResult, type JSONRPCRequest } from '@modelcontextprotocol/server';
import type { ClientLink } from '../calls/native.executor.js';
import type { InputNeeded, InputRequest, LogLevel } from '../catalog/native/native.definitions.js';
import type { Notifier } from './answer.js';
import { isLogLevel, isWanted } from './log.levels.js';

/** The capability by which a client says that it answers a request. */
const NEEDED: Readonly<Record<InputRequest['method'], string>> = { 'elicitation/create': 'elicitation', 'sampling/createMessage': 'sampling', 'roots/list': 'roots' };

/** @returns what a modern client declared that it can do; nothing of a legacy one, which said it once and to nobody who remembers */
export function readCapabilities({ params }: JSONRPCRequest): Readonly<Record<string, unknown>> {
  const declared: unknown = params?.['_meta']?.[CLIENT_CAPABILITIES_META_KEY];
  return isRecord(declared) ? declared : {};
}

/**
 * What a handler can know of its client and say to it.
 * @param legacyLevel the least severe entries that a legacy client wants
 */
export function createLink(message: JSONRPCRequest, notifier: Notifier, state: unknown, legacyLevel: LogLevel | undefined): ClientLink {
  const { params } = message;
  const meta = params?.['_meta'];
  const wanted: unknown = meta?.[LOG_LEVEL_META_KEY];
  // A modern client that names no level wants none.
  const least = isLogLevel(wanted) ? wanted : legacyLevel;
  const inputs: unknown = params?.['inputResponses'];
  return {
    capabilities: readCapabilities(message),
    inputs: isRecord(inputs) ? inputs : {},
    state,
    wantsProgress: meta?.progressToken !== undefined && notifier.takesNotifications,
    progress: (progress, total, text) => {
      const progressToken = meta?.progressToken;
      if (progressToken === undefined) return;
      notifier.notify('notifications/progress', { progressToken, progress, ...(total === undefined ? {} : { total }), ...(text === undefined ? {} : { message: text }) });
    },
    log: (level, data) => {
      if (least !== undefined && isWanted(level, least)) notifier.notify('notifications/message', { level, data });
    },
  };
}

/**
 * What is asked of the client before the call goes on.
 * @throws MissingRequiredClientCapabilityError for what it did not declare
 */
export function askForInput({ requests }: InputNeeded, capabilities: Readonly<Record<string, unknown>>, requestState: string | undefined): InputRequiredResult {
  assertCapable(Object.values(requests).map(({ method }) => NEEDED[method]), capabilities);
  // The requests are MCP's own, by their methods.
  return inputRequired({ inputRequests: requests as unknown as InputRequests, ...(requestState === undefined ? {} : { requestState }) });
}

/** @throws MissingRequiredClientCapabilityError (-32021) */
export function assertCapable(needed: readonly string[], capabilities: Readonly<Record<string, unknown>>): void {
  const missing = needed.filter((name) => !isRecord(capabilities[name]));
  if (missing.length > 0) throw new MissingRequiredClientCapabilityError({ requiredCapabilities: Object.fromEntries(missing.map((name) => [name, {}])) });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
