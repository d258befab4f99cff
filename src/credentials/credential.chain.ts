import { Injectable } from '@nestjs/common';
import type { ApiSettings } from '../config/configuration.schema.js';
import type { CallContext } from '../context/call-context.js';
import { GatewayError } from '../errors/gateway.error.js';
import { TokenExchanger } from '../token-exchange/token.exchanger.js';
import type { Credential } from './credential.js';

const NO_CREDENTIAL = { code: 'no_credential', status: 403 };

const NOTHING: Credential = { bearer: undefined, actor: null, scopes: null, evict: () => undefined };

/** The declared chain of an API: the first link that applies to this kind of caller decides. What fails never falls to the next. */
@Injectable()
export class CredentialChain {
  constructor(private readonly exchanger: TokenExchanger) {}

  /** @param scopes the API's scopes that the caller holds */
  async obtain(call: CallContext, { name, credentials }: ApiSettings, scopes: readonly string[]): Promise<Credential> {
    const link = credentials.find(({ when }) => when === undefined || when === call.caller.kind);
    if (!link) throw new GatewayError(NO_CREDENTIAL, `API "${name}" declares no credential for a ${call.caller.kind}`);
    if (link.type === 'none') return NOTHING;
    const { token, evict } = await this.exchanger.obtain(call, name, link, scopes);
    return { bearer: token.accessToken, actor: link.clientId, scopes: token.scopes, evict };
  }
}
