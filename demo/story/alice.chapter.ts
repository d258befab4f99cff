import { Agent } from './agent.js';
import type { Stage } from './story.js';
import { readObject, textOf } from './tool-result.js';

/** Longest that the wiki's tools may take to be there, in milliseconds. */
const WIKI_MS = 20_000;

export const aliceOrder = 'acme-1001';

export const newOrder = { customer: 'Demo Bistro', items: [{ sku: 'chair-oak', quantity: 2, unitPrice: 12_900 }] };

export async function tellAlice(stage: Stage): Promise<void> {
  const alice = new Agent('alice', stage.mcpUrl);
  try {
    await signIn(stage, alice);
    await listTools(stage, alice);
    await readOrder(stage, alice);
    await createOrder(stage, alice);
    await attachFile(stage, alice);
    await keepTodo(stage, alice);
    await readWiki(stage, alice);
  } finally {
    await alice.close();
  }
}

async function signIn({ narrator, mcpUrl, issuer }: Stage, alice: Agent): Promise<void> {
  narrator.open(`alice of acme signs in: her agent knows only ${mcpUrl.href}`);
  await alice.connect();
  for (const { method, url, status, challenge } of alice.recorder.exchanges) {
    narrator.say(`${method.padEnd(4)} ${url} → ${status}`);
    if (status === 401 && challenge) narrator.say(`     WWW-Authenticate: ${challenge}`);
    if (url === `${issuer}/register`) narrator.say(`     … alice signs in at ${issuer} (login form, consent) and comes back with a code`);
  }
  const visited = alice.recorder.exchanges.map((exchange) => exchange.url);
  const challenge = alice.recorder.exchanges.find((exchange) => exchange.status === 401)?.challenge ?? '';
  narrator.check('without a token: 401, and its challenge names the metadata of this resource (RFC 9728)', challenge.includes('resource_metadata='), challenge);
  narrator.check('the agent registered itself and got its token by the code flow', visited.includes(`${issuer}/register`) && visited.includes(`${issuer}/token`), visited);
  const resource = alice.provider.authorizations[0]?.searchParams.get('resource');
  narrator.check(`the token was asked for ${mcpUrl.href} alone (resource)`, resource === mcpUrl.href, resource);
  narrator.say(`connected with MCP ${alice.protocolVersion}; scopes: ${alice.grantedScopes.join(' ')}`);
}

async function listTools({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open('alice lists the tools: one for each operation of the orders API, those of her workspace and those of the wiki');
  const tools = await listWithWiki(alice);
  const all = tools.map((tool) => tool.name);
  narrator.say(all.join(', '));
  const names = all.filter((name) => name.startsWith('orders_'));
  narrator.check(`${names.length} tools, made from the OpenAPI document`, ['orders_listOrders', 'orders_getOrder', 'orders_createOrder', 'orders_whoAmI'].every((name) => names.includes(name)), names);
}

async function readOrder({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open(`alice gets her order ${aliceOrder}`);
  const result = await alice.call('orders_getOrder', { orderId: aliceOrder });
  const order = readObject(result);
  narrator.say(JSON.stringify(order));
  narrator.check(`the API answered with ${aliceOrder}`, !result.isError && order['id'] === aliceOrder, textOf(result));
  const identity = readObject(await alice.call('orders_whoAmI'));
  narrator.say(`what the orders API saw: ${JSON.stringify(identity)}`);
  const { sub, tenant, aud, act } = identity;
  narrator.check('the API saw sub alice of tenant acme, not a service account', sub === 'alice' && tenant === 'acme', identity);
  narrator.check("its token's audience is orders: alice's own token never went there", aud === 'orders', identity);
  narrator.check('and the actor is gatehouse (RFC 8693 act)', JSON.stringify(act) === '{"sub":"gatehouse"}', identity);
}

async function createOrder({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open('alice creates an order');
  const before = await countOrders(alice);
  const challenge = narrator.checkPresent(
    'her first sign-in was for reading: the call is answered with a step-up, HTTP 403',
    await alice.callForChallenge('orders_createOrder', newOrder),
    alice.grantedScopes,
  );
  narrator.say(`403 insufficient_scope: ${challenge.requiredScope ?? ''}; alice signs in again for that`);
  await alice.stepUp(challenge);
  narrator.check('she is granted orders:write', alice.grantedScopes.includes('orders:write'), alice.grantedScopes);
  const result = await alice.call('orders_createOrder', newOrder);
  const created = readObject(result);
  narrator.say(JSON.stringify(created));
  narrator.check('the order exists now', !result.isError && created['total'] === 25_800 && (await countOrders(alice)) === before + 1, textOf(result));
}

/** A picture of one pixel: its bytes must arrive at the API, and come back, as they are. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

async function attachFile({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open(`alice attaches a picture to ${aliceOrder} and looks at it`);
  const file = { data: pixel, filename: 'delivery "note".png', mime_type: 'image/png' };
  const attached = await alice.call('orders_attachFile', { orderId: aliceOrder, file, note: 'as agreed' });
  const { id, filename, size } = readObject(attached);
  narrator.say(JSON.stringify(readObject(attached)));
  const expected = Buffer.from(pixel, 'base64').length;
  narrator.check(`the API got a form with ${expected} bytes in it`, !attached.isError && size === expected && filename === file.filename, textOf(attached));
  const downloaded = await alice.call('orders_downloadAttachment', { orderId: aliceOrder, attachmentId: id });
  const [block] = downloaded.content;
  narrator.check('and her agent gets an image with the same bytes', block?.type === 'image' && block.mimeType === 'image/png' && block.data === pixel, block);
}

/** The gateway reads the definitions of another server once it serves. */
async function listWithWiki(alice: Agent): ReturnType<Agent['listTools']> {
  const until = Date.now() + WIKI_MS;
  for (;;) {
    const tools = await alice.listTools();
    if (tools.some(({ name }) => name === 'wiki_read') || Date.now() > until) return tools;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The todo that nobody but alice finds. */
export const aliceTodo = `Call the customer of ${aliceOrder}`;

async function keepTodo({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open('alice keeps a todo in her workspace, which is written in TypeScript');
  const added = await alice.call('workspace_add_todo', { title: aliceTodo });
  narrator.check('her search finds it', !added.isError && textOf(await alice.call('workspace_search', { words: aliceOrder })).includes(aliceTodo), textOf(added));
}

async function readWiki({ narrator }: Stage, alice: Agent): Promise<void> {
  narrator.open("alice reads her company's wiki, an MCP server that was there before");
  const page = readObject(await alice.call('wiki_read', { page: 'returns' }));
  narrator.say(JSON.stringify(page));
  narrator.check('the wiki saw alice, by a token for the wiki alone', page['reader'] === 'alice' && page['audience'] === 'wiki', page);
}

export async function countOrders(agent: Agent): Promise<number> {
  return Number(readObject(await agent.call('orders_getStatistics'))['count']);
}
