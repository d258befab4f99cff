import { hash } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SecurityEvents } from '../audit/security-events.js';
import { Public } from '../auth/access.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import { CredentialUpdates, type CredentialUpdate } from '../credentials/resolver/credential-updates.js';
import { GatewayError } from '../errors/gateway.error.js';
import { TenantRegistry } from '../tenancy/tenant.registry.js';
import { isSignedBy } from './webhook-signature.js';

const REFUSED = { code: 'invalid_signature', status: 401 };
const MALFORMED = { code: 'invalid_request', status: 400 };

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
    return settings.apis.flatMap(({ tenant, credentials }) =>
      credentials.flatMap((link) => {
        if (link.type !== 'resolver' || link.webhookSecret === undefined) return [];
        const id = this.registry.find(tenant)?.id;
        if (id === undefined || !isSignedBy(this.live.secret(link.webhookSecret), { body, timestamp, signature })) return [];
        return [{ tenant: id, baseUrl: link.baseUrl, service: link.service }];
      }),
    );
  }
}

function readEvent(text: string): z.output<typeof event> {
  try {
    return event.parse(JSON.parse(text));
  } catch {
    throw new GatewayError(MALFORMED, 'the body must be JSON with the texts userId and provider');
  }
}
