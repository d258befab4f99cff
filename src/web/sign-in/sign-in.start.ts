import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LiveConfiguration } from '../../config/live-configuration.js';
import { GatewayError } from '../../errors/gateway.error.js';
import { sendPage, sendTo } from '../answer.js';
import { type Destination, signInPath } from '../destination.js';
import { renderSignIn } from '../pages/sign-in.page.js';
import { type BrowserProvider, browserProvidersAt } from './browser-client.js';
import { PendingSignIns } from './pending-sign-ins.js';
import { SignInClient } from './sign-in.client.js';

/** Where somebody goes who is not signed in: to the one provider that there is, or to the page with those to choose from. */
@Injectable()
export class SignInStart {
  constructor(
    private readonly live: LiveConfiguration,
    private readonly client: SignInClient,
    private readonly pending: PendingSignIns,
  ) {}

  /** @throws GatewayError 404, 503 */
  async choose(request: FastifyRequest, reply: FastifyReply, wanted: Destination): Promise<void> {
    const providers = this.#providers(wanted);
    const [first, second] = providers;
    if (first && !second) return this.#leave(request, reply, first, wanted);
    sendPage(reply, renderSignIn(providers.map(({ id }) => ({ name: id, href: signInPath(id, wanted) }))));
  }

  /** @throws GatewayError 404, 503 */
  async leave(request: FastifyRequest, reply: FastifyReply, id: string, wanted: Destination): Promise<void> {
    const provider = this.#providers(wanted).find((one) => one.id === id);
    if (!provider) throw noSuchPage();
    return this.#leave(request, reply, provider, wanted);
  }

  /**
   * The state is known to this browser only, so whoever makes another one go there achieves nothing but that person's own sign-in.
   */
  async #leave(request: FastifyRequest, reply: FastifyReply, provider: BrowserProvider, wanted: Destination): Promise<void> {
    const { location, proof } = await this.client.begin(provider, request.publicUrl);
    sendTo(reply, location.href, [await this.pending.keep(request, { ...wanted, ...proof })]);
  }

  #providers({ tenant }: Destination): readonly BrowserProvider[] {
    const providers = browserProvidersAt(this.live.current.settings, tenant);
    if (!providers || providers.length === 0) throw noSuchPage();
    return providers;
  }
}

const noSuchPage = () => new GatewayError({ code: 'not_found', status: 404 }, 'there is no such page');
