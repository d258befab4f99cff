import type { LiveSettings } from '../config/configuration.schema.js';
import { audiencesOf } from '../config/provider-identity.js';
import { TokenError } from './token.error.js';
import { THIS_GATEWAY, type VerifiedToken } from './verified-token.js';

/** Where a token is shown, and what is for it. */
export interface AudienceRules {
  readonly settings: Pick<LiveSettings, 'providers'>;
  readonly publicUrls: readonly string[];
  /** Of the resource that was called. */
  readonly path: string;
}

/**
 * A token is for this gateway when it names this door's resource, on any public URL, or an audience of its provider.
 * @throws TokenError
 */
export function judgeAudience({ caller, audiences }: VerifiedToken, { settings, publicUrls, path }: AudienceRules): void {
  if (audiences === THIS_GATEWAY) return;
  const provider = settings.providers[caller.provider];
  const configured = provider ? audiencesOf(provider) : [];
  const accepted = audiences.some((audience) => configured.includes(audience) || publicUrls.some((url) => url + path === audience));
  if (!accepted) throw new TokenError('audience', 'the token was not issued for this resource');
}
