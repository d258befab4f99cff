import { EncryptJWT, jwtDecrypt } from 'jose';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { LiveConfiguration } from '../../config/live-configuration.js';
import '../../context/request.js';
import { deriveKeys } from '../../credentials/vault/connect-links.js';
import { cookieName, formatCookie, readCookie } from './cookie.js';

export interface SealedCookieOptions<T extends Record<string, unknown>> {
  readonly name: string;
  /** Its keys are for nothing else. */
  readonly purpose: string;
  readonly schema: z.ZodType<T>;
}

type Request = Pick<FastifyRequest, 'publicUrl' | 'headers'>;

/** What a browser keeps for us and cannot read, change or keep beyond its time: every replica can open it, none stores it. */
export class SealedCookie<T extends Record<string, unknown>> {
  constructor(
    private readonly live: Pick<LiveConfiguration, 'current'>,
    private readonly options: SealedCookieOptions<T>,
  ) {}

  /** @returns undefined for what is not there, not ours or too old */
  async read({ publicUrl, headers }: Request): Promise<T | undefined> {
    const sealed = readCookie(headers.cookie, cookieName(this.options.name, isSecure(publicUrl)));
    if (sealed === undefined || sealed === '') return undefined;
    for (const key of this.#keys()) {
      try {
        const { payload } = await jwtDecrypt(sealed, key, { contentEncryptionAlgorithms: ['A256GCM'], keyManagementAlgorithms: ['dir'], requiredClaims: ['exp'], audience: publicUrl });
        return this.options.schema.safeParse(payload).data;
      } catch {
        // Sealed with another of the keys, or not by us.
      }
    }
    return undefined;
  }

  /** @param expiresAt seconds since the epoch @returns a `Set-Cookie` line */
  async seal({ publicUrl }: Request, value: T, expiresAt: number): Promise<string> {
    const [key] = this.#keys();
    if (!key) throw new Error('pages without a vault');
    const sealed = await new EncryptJWT({ ...value }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setAudience(publicUrl).setExpirationTime(expiresAt).encrypt(key);
    return this.#format(publicUrl, sealed, Math.max(0, Math.floor(expiresAt - Date.now() / 1_000)));
  }

  /** @returns a `Set-Cookie` line */
  remove({ publicUrl }: Request): string {
    return this.#format(publicUrl, '', 0);
  }

  #keys(): readonly Uint8Array[] {
    return deriveKeys(this.live.current, this.options.purpose);
  }

  #format(publicUrl: string, value: string, maxAge: number): string {
    return formatCookie({ name: cookieName(this.options.name, isSecure(publicUrl)), value, isSecure: isSecure(publicUrl), maxAge });
  }
}

const isSecure = (publicUrl: string): boolean => publicUrl.startsWith('https:');
