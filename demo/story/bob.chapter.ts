import { Agent } from './agent.js';
import { aliceOrder, aliceTodo } from './alice.chapter.js';
import type { Stage } from './story.js';
import { readObject, textOf } from './tool-result.js';

export async function tellBob({ narrator, mcpUrl }: Stage): Promise<void> {
  const bob = new Agent('bob', mcpUrl);
  try {
    narrator.open(`bob of globex asks for ${aliceOrder}, alice's order`);
    await bob.connect();
    const identity = readObject(await bob.call('orders_whoAmI'));
    narrator.check('the API sees bob of globex', identity['sub'] === 'bob' && identity['tenant'] === 'globex', identity);
    const result = await bob.call('orders_getOrder', { orderId: aliceOrder });
    narrator.say(textOf(result).split('\n')[0] ?? '');
    narrator.check('for bob there is no such order: the API’s 404, as a tool error', result.isError === true && textOf(result).includes('404'), textOf(result));
    const own = await bob.call('orders_getOrder', { orderId: 'globex-2001' });
    narrator.check('his own order he gets', readObject(own)['id'] === 'globex-2001', textOf(own));
    const page = readObject(await bob.call('wiki_read', { page: 'returns' }));
    narrator.check("of the wiki he gets his own company's page", page['reader'] === 'bob' && String(page['text']).startsWith('Rugs'), page);
    const found = await bob.call('workspace_search', { words: aliceOrder });
    narrator.check("alice's todo is not in his workspace", !found.isError && !textOf(found).includes(aliceTodo), textOf(found));
  } finally {
    await bob.close();
  }
}
