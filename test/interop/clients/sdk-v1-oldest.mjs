/** `@modelcontextprotocol/sdk` 1.10.0: the first 1.x with a Streamable HTTP client. It follows revision 2025-03-26: no protected resource metadata, no `resource`, no `scope`. */
import { UnauthorizedError } from 'sdk-1-10/client/auth.js';
import { Client } from 'sdk-1-10/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-1-10/client/streamableHttp.js';
import { LATEST_PROTOCOL_VERSION, ToolListChangedNotificationSchema } from 'sdk-1-10/types.js';
import { runSdkV1 } from './sdk-v1.run.mjs';

await runSdkV1({ Client, StreamableHTTPClientTransport, UnauthorizedError, ToolListChangedNotificationSchema, LATEST_PROTOCOL_VERSION, lacks: { 'step-up': 'it takes 403 as a failure' } });
