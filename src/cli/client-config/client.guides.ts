/** How a host is told about one MCP endpoint. */
export interface ClientGuide {
  readonly title: string;
  /** One line for each place, by system where it differs. */
  readonly where: readonly string[];
  /** What goes there: JSON, a command, or a URL to paste. */
  readonly snippet: string;
  readonly notes: readonly string[];
}

export interface GuideInput {
  readonly url: string;
  /** How this machine starts `gatehouse`: hosts with windows do not have a shell's PATH. */
  readonly program: readonly [command: string, ...args: string[]];
}

const NAME = 'gatehouse';
const json = (value: object): string => JSON.stringify(value, null, 2);
const CLAUDE_FILES = [
  'macOS: ~/Library/Application Support/Claude/claude_desktop_config.json',
  'Windows: %APPDATA%\\Claude\\claude_desktop_config.json',
  'Linux: ~/.config/Claude/claude_desktop_config.json',
];
const FROM_ITS_CLOUD = 'calls come from its own servers, so the URL must be public, with HTTPS';

function startConnect({ url, program: [command, ...args] }: GuideInput): { command: string; args: string[] } {
  return { command, args: [...args, 'connect', url] };
}

/** By the name that `gatehouse client-config` takes. */
export const clientGuides: Readonly<Record<string, (input: GuideInput) => ClientGuide>> = {
  'claude-desktop': (input) => ({
    title: 'Claude Desktop',
    where: [...CLAUDE_FILES, 'then restart Claude Desktop'],
    snippet: json({ mcpServers: { [NAME]: startConnect(input) } }),
    notes: [`Without a file: Settings → Connectors → Add custom connector, with ${input.url}; there ${FROM_ITS_CLOUD}.`],
  }),
  'claude-code': ({ url }) => ({
    title: 'Claude Code',
    where: ['run in a shell; add --scope user for all projects, --scope project for .mcp.json'],
    snippet: `claude mcp add --transport http ${NAME} ${url}`,
    notes: ['Then /mcp in a session signs in. For a client that you registered: --client-id ID --callback-port PORT.'],
  }),
  cursor: ({ url }) => ({
    title: 'Cursor',
    where: ['.cursor/mcp.json of a project, or for all projects', 'macOS, Linux: ~/.cursor/mcp.json', 'Windows: %USERPROFILE%\\.cursor\\mcp.json'],
    snippet: json({ mcpServers: { [NAME]: { url } } }),
    notes: ['For a client that you registered, beside url: "auth": { "CLIENT_ID": "…", "scopes": ["…"] }.'],
  }),
  vscode: ({ url }) => ({
    title: 'VS Code',
    where: ['.vscode/mcp.json of a project, or the command "MCP: Open User Configuration"'],
    snippet: json({ servers: { [NAME]: { type: 'http', url } } }),
    notes: ['Where the provider registers no clients, VS Code asks for a client id.'],
  }),
  windsurf: ({ url }) => ({
    title: 'Windsurf',
    where: ['macOS, Linux: ~/.codeium/windsurf/mcp_config.json', 'Windows: %USERPROFILE%\\.codeium\\windsurf\\mcp_config.json'],
    snippet: json({ mcpServers: { [NAME]: { serverUrl: url } } }),
    notes: ['The member is serverUrl; url, as other hosts have it, does not connect.'],
  }),
  chatgpt: ({ url }) => ({
    title: 'ChatGPT',
    where: ['Settings → Connectors → Advanced → Developer mode, then Create; paste the URL, authentication OAuth'],
    snippet: url,
    notes: [`In ChatGPT ${FROM_ITS_CLOUD}. An administrator may have to allow developer mode for the workspace.`],
  }),
  inspector: ({ url }) => ({
    title: 'MCP Inspector',
    where: ['run in a shell; for a terminal client add --cli --method tools/list'],
    snippet: `npx @modelcontextprotocol/inspector --server-url ${url} --transport http`,
    notes: ['When it calls from the browser and not through its own proxy, the configuration needs allowedOrigins: [http://localhost:6274].'],
  }),
  stdio: (input) => ({
    title: 'a host that only starts programs, by gatehouse connect',
    where: ['the host\'s own list of servers; most have an object mcpServers, as here'],
    snippet: json({ mcpServers: { [NAME]: startConnect(input) } }),
    notes: ['It signs in with the browser when the host first needs it. An API key goes into args as "--header", "X-API-Key: env:KEY", with "env": { "KEY": "…" } beside args.'],
  }),
  'mcp-remote': ({ url }) => ({
    title: 'a host that only starts programs, by mcp-remote',
    where: ['the host\'s own list of servers; most have an object mcpServers, as here'],
    snippet: json({ mcpServers: { [NAME]: { command: 'npx', args: ['-y', 'mcp-remote', url, ...(url.startsWith('http:') ? ['--allow-http'] : [])] } } }),
    notes: ['Where gatehouse is not installed. It speaks the revisions before 2026-07-28 only.'],
  }),
};
