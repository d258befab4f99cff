import { Injectable } from '@nestjs/common';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { CallContext } from '../context/call-context.js';
import { GatewayKeys } from '../database/gateway-keys.js';
import { GatewayError } from '../errors/gateway.error.js';

const INVALID = { code: 'request_state', status: 400 };
const LIFE_S = 10 * 60;

/**
 * What a handler keeps between two rounds of a call (`requestState`, 2026-07-28). It comes back from the client's hands: sealed with a key of
 * this gateway, for one user, one entry and ten minutes.
 */
@Injectable()
export class RequestStates {
  constructor(private readonly keys: GatewayKeys) {}

  async seal(call: CallContext, entry: string, state: unknown): Promise<string> {
    return new EncryptJWT({ for: ownerOf(call, entry), state }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setExpirationTime(`${LIFE_S}s`).encrypt(await this.keys.read('request-state'));
  }

  /** @throws GatewayError `request_state` for one that is not ours, not this user's, not of this entry, or too old */
  async open(call: CallContext, entry: string, sealed: string): Promise<unknown> {
    const key = await this.keys.read('request-state');
    const opened = await jwtDecrypt(sealed, key, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }).catch(() => undefined);
    if (opened?.payload['for'] !== ownerOf(call, entry)) throw new GatewayError(INVALID, 'the requestState is not one of this call, or is older than ten minutes; begin again without it');
    return opened.payload['state'];
  }
}

const ownerOf = ({ tenant, caller }: CallContext, entry: string): string => JSON.stringify([tenant.id, caller.issuer, caller.subject, caller.clientId, entry]);
