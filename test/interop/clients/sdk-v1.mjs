/** `@modelcontextprotocol/sdk`, the newest 1.x. */
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { LATEST_PROTOCOL_VERSION, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { runSdkV1 } from './sdk-v1.run.mjs';

await runSdkV1({ Client, StreamableHTTPClientTransport, UnauthorizedError, ToolListChangedNotificationSchema, LATEST_PROTOCOL_VERSION });
