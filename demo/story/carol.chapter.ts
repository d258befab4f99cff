import { Agent } from './agent.js';
import { countOrders, newOrder } from './alice.chapter.js';
import type { Stage } from './story.js';

export async function tellCarol(stage: Stage): Promise<void> {
  const carol = new Agent('carol', stage.mcpUrl);
  try {
    await tellRefusal(stage, carol);
  } finally {
    await carol.close();
  }
}

async function tellRefusal({ narrator }: Stage, carol: Agent): Promise<void> {
  narrator.open('carol of acme may only read, and tries to create an order');
  await carol.connect();
  const tools = await carol.listTools();
  narrator.check('she lists the write tools too', tools.some((tool) => tool.name === 'orders_createOrder'), tools.map((tool) => tool.name));
  const before = await countOrders(carol);

  const challenge = narrator.checkPresent(
    'the call is answered with the step-up: HTTP 403 insufficient_scope',
    await carol.callForChallenge('orders_createOrder', newOrder),
    carol.recorder.exchanges.at(-1),
  );
  const asked = challenge.requiredScope?.split(' ') ?? [];
  narrator.say(`WWW-Authenticate: ${carol.recorder.exchanges.findLast((exchange) => exchange.status === 403)?.challenge ?? ''}`);
  narrator.check('its scope is what she has and what the call needs', asked.includes('orders:write') && asked.includes('orders:read'), asked);

  await carol.stepUp(challenge);
  const requested = carol.provider.authorizations.at(-1)?.searchParams.get('scope') ?? '';
  narrator.say(`carol signs in again for: ${requested}`);
  narrator.say(`the authorization server grants: ${carol.grantedScopes.join(' ')}`);
  narrator.check('she asked for orders:write and was granted less', requested.includes('orders:write') && !carol.grantedScopes.includes('orders:write'), carol.grantedScopes);

  narrator.checkPresent('the call is refused again', await carol.callForChallenge('orders_createOrder', newOrder), carol.recorder.exchanges.at(-1));
  const visits = { signIns: carol.provider.authorizations.length, refusals: carol.recorder.count(403) };
  narrator.check('asking once more could not help, so her agent stops: two sign-ins, two refusals, no loop', visits.signIns === 2 && visits.refusals === 2, visits);
  narrator.check('nothing was created', (await countOrders(carol)) === before, before);
}
