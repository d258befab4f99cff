import { obtainToken } from '../login/code-flow.js';
import type { Stage } from './story.js';

const foreignResource = 'https://payroll.example/api';

export async function tellAudience({ narrator, mcpUrl, issuer }: Stage): Promise<void> {
  narrator.open(`alice's genuine token for ${foreignResource} is shown to Gatehouse`);
  const tokens = await obtainToken({ issuer, user: 'alice', resource: foreignResource, scope: 'openid orders:read orders:write' });
  const response = await fetch(mcpUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.access_token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  const challenge = response.headers.get('www-authenticate') ?? '';
  narrator.say(`HTTP ${response.status}\nWWW-Authenticate: ${challenge}`);
  narrator.check('same issuer, same user, other audience: 401', response.status === 401, response.status);
  narrator.check('with a challenge that says why and where to go', challenge.includes('error="invalid_token"') && challenge.includes('resource_metadata='), challenge);
}
