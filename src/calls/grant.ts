import type { TokenBound } from '../catalog/entry.js';
import type { CallContext } from '../context/call-context.js';
import type { Credential } from '../context/credential.js';
import { GatewayError } from '../errors/gateway.error.js';
import { isHeldByName, lackingScopes } from '../policy/policy.js';

const REFUSED_GRANT = { code: 'exchange_scope', status: 502 };
const STEP_UP = { code: 'insufficient_scope', status: 403 };

/** A token that cannot do the call is not tried; one that can do more than was asked for is not used. */
export async function judgeGrant(call: CallContext, entry: TokenBound, asked: readonly string[], credential: Credential): Promise<void> {
  const { scopes, isNarrowed, actor, explainLack } = credential;
  if (!scopes) return;
  assertNotWider(entry, asked, credential);
  const lacking = lackingScopes(entry, scopes);
  if (lacking.length === 0) return;
  if (explainLack) throw await explainLack(lacking);
  const fault = `the token for ${entry.upstream} was not granted ${lacking.join(' ')}, which this operation needs`;
  if (!isNarrowed) throw new GatewayError(REFUSED_GRANT, `${fault}; it has to be allowed to ${actor ?? 'the credential'} first`);
  throw new GatewayError(STEP_UP, `${fault}: the identity provider left it out. ${adviseStepUp(call, entry, lacking)}`);
}

/** @throws GatewayError for a token that can do more than was asked for */
export function assertNotWider({ scopes: known, upstream }: Pick<TokenBound, 'scopes' | 'upstream'>, asked: readonly string[], { scopes, isNarrowed }: Credential): void {
  const extra = isNarrowed ? (scopes ?? []).filter((scope) => known.includes(scope) && !asked.includes(scope)) : [];
  if (extra.length > 0) throw new GatewayError(REFUSED_GRANT, `the token for ${upstream} was granted more than was asked for (${extra.join(' ')})`);
}

/** What its reader can do about scopes that the server did not give for the caller. */
function adviseStepUp({ caller }: CallContext, entry: TokenBound, lacking: readonly string[]): string {
  const names = lacking.join(' ');
  // What stands for it here is held already, so that another sign-in brings no more.
  if (caller.kind === 'machine' || !lacking.every((scope) => isHeldByName(entry, scope))) return `Ask an administrator of provider "${caller.provider}" to allow you ${names}`;
  return `Sign in again with the scope ${names}; if it is left out again, ask an administrator of provider "${caller.provider}" to allow it to you`;
}
