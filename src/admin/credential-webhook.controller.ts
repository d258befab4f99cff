import { hash } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SecurityEvents } from '../audit/security-events.js';
import { Public } from '../auth/access.js';
import { placedCredentials } from '../config/credentialed.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { CredentialUpdates, type CredentialUpdate } from '../credentials/resolver/credential-updates.js';
import { GatewayError } from '../errors/gateway.error.js';
import { TenantRegistry } from '../tenancy/tenant.registry.js';
import { isSignedBy } from './webhook-signature.js';

const REFUSED = { code: 'invalid_signature', status: 401 };
const TOO_LARGE = { code: 'too_large', status: 413 };
const MALFORMED = { code: 'invalid_request', status: 400 };

/** Characters; whoever comes without a secret makes us hash that much for each of them. */
const LARGEST = 16 * 1024;

const event = z.object({ userId: z.string().min(1).max(512), provider: z.string().min(1).max(64) });

/** `POST /api/webhooks/credential-updated`: a platform's credential service says that it has something else for a user now. */
@Public()
@Controller('api/webhooks')
export class CredentialWebhookController {
  constructor(
    @Inject(LiveConfiguration) private readonly live: LiveConfiguration,
    @Inject(TenantRegistry) private readonly registry: TenantRegistry,
    @Inject(CredentialUpdates) private readonly updates: CredentialUpdates,
    @Inject(SecurityEvents) private readonly securityEvents: SecurityEvents,
  ) {}

  @Post('credential-updated')
  @HttpCode(200)
  async updated(@Req() { ip }: FastifyRequest, @Body() body: unknown, @Headers('x-webhook-timestamp') timestamp = '', @Headers('x-webhook-signature') signature = ''): Promise<{ received: true; duplicate: boolean }> {
    const text = typeof body === 'string' ? body : '';
    if (text.length > LARGEST) throw new GatewayError(TOO_LARGE, 'the event is too large');
    const services = this.#servicesThatSigned(text, timestamp, signature);
    if (services.length === 0) {
      this.securityEvents.count('webhook_signature', 'webhook', ip);
      throw new GatewayError(REFUSED, 'the signature is not valid for this body and timestamp, or the timestamp is more than five minutes off');
    }
    const { userId, provider } = readEvent(text);
    const concerned = services.filter(({ service }) => service === provider).map((service) => ({ ...service, userId }));
    // Whose it is belongs to it: another tenant's platform may send the same words in the same second.
    const isNew = await this.updates.receive(hash('sha256', `${JSON.stringify(services)}${timestamp}.${text}`, 'buffer'), concerned);
    return { received: true, duplicate: !isNew };
  }

  /** A secret speaks for the services of the links that name it, and for no other tenant's. */
  #servicesThatSigned(body: string, timestamp: string, signature: string): readonly Omit<CredentialUpdate, 'userId'>[] {
    const { settings } = this.live.current;
    const links = placedCredentials(settings).flatMap(({ settings: link, upstream }) => (link.type === 'resolver' && link.webhookSecret !== undefined ? [{ link, secret: link.webhookSecret, tenant: upstream.tenant }] : []));
    const signed = new Set([...new Set(links.map(({ secret }) => secret))].filter((reference) => isSignedBy(this.live.secret(reference), { body, timestamp, signature })));
    return links.flatMap(({ link, secret, tenant }) => {
      const id = this.registry.find(tenant)?.id;
      return id === undefined || !signed.has(secret) ? [] : [{ tenant: id, baseUrl: link.baseUrl, service: link.service }];
    });
  }
}

function readEvent(text: string): z.output<typeof event> {
  try {
    return event.parse(JSON.parse(text));
  } catch {
    throw new GatewayError(MALFORMED, 'the body must be JSON with the texts userId and provider');
  }
}
