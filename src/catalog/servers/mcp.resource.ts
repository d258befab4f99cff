import { ArgumentError } from '@gatehouse-mcp/openapi-tools';
import { ServerEntry } from './mcp.entry.js';
import type { McpOrigin } from './mcp.origin.js';
import { uriOf, type ServerPrompt, type ServerResource } from './server.definitions.js';
import { stripTexts } from './shown-texts.js';
import { UriGlob } from './uri.glob.js';

/** A resource, or a template of some, of another MCP server, under the URI that it has there. */
export class McpResource extends ServerEntry {
  readonly kind = 'resource';
  readonly listed: string;
  readonly uri: string;
  readonly isTemplate: boolean;
  readonly #uris: UriGlob;

  constructor(origin: McpOrigin, name: string, definition: ServerResource) {
    super(origin, name);
    this.uri = uriOf(definition);
    this.isTemplate = 'uriTemplate' in definition;
    this.#uris = new UriGlob(this.uri);
    this.listed = JSON.stringify({ ...stripTexts(definition), name });
  }

  /** @returns what the server is asked for; undefined when the URI is none of these */
  match(uri: string): { readonly uri: string } | undefined {
    return (this.isTemplate ? this.#uris.matches(uri) : uri === this.uri) ? { uri } : undefined;
  }
}

/** A prompt of another MCP server. */
export class McpPrompt extends ServerEntry {
  readonly kind = 'prompt';
  readonly listed: string;

  constructor(
    origin: McpOrigin,
    name: string,
    readonly definition: ServerPrompt,
  ) {
    super(origin, name);
    this.listed = JSON.stringify({ ...stripTexts(definition), name });
  }

  /** Which of them there are the server knows best. @throws ArgumentError for one that is no text */
  readArguments(args: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
    for (const [name, value] of Object.entries(args)) if (typeof value !== 'string') throw new ArgumentError(`the argument "${name}" must be a text`);
    // Each has just been seen to be a text.
    return args as Readonly<Record<string, string>>;
  }
}
