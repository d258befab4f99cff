import type { RequestListener } from 'node:http';
import { Provider } from 'oidc-provider';
import { type LoopbackServer, listenOnLoopback } from '../loopback/listen.js';
import { issuerAt } from '../ports.js';
import { describeProvider } from './configuration.js';
import { showCodeOfLink } from './device-flow.js';
import { handleInteraction } from './interactions.js';
import { introspectJwts } from './introspection.js';
import { openRegistration } from './registration.middleware.js';
import { generateSigningKey } from './signing-key.js';
import { registerTokenExchange } from './token-exchange.js';

export interface AuthorizationServerOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly gatehouseSecret: string;
  /** The gateway's public URLs, the first canonical: tokens for resources below them may be exchanged. */
  readonly gatewayUrls: readonly [string, ...string[]];
  /** Every refresh token is good once, whoever the client is; one that comes again ends all that came of its sign-in. By default only those of public clients are. */
  readonly rotatesRefreshTokens?: boolean;
}

export interface AuthorizationServer extends LoopbackServer {
  readonly issuer: string;
}

export async function startAuthorizationServer(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
  const key = await generateSigningKey();
  let handler = refuseForNow;
  // The issuer names the port, so it is known only once the server listens.
  const server = await listenOnLoopback((request, response) => handler(request, response), options.port);
  const issuer = issuerAt(server.port);
  const provider = new Provider(
    issuer,
    describeProvider({
      key,
      gatehouseSecret: options.gatehouseSecret,
      defaultResource: `${options.gatewayUrls[0]}/mcp`,
      cookieSuffix: String(server.port),
      rotatesRefreshTokens: options.rotatesRefreshTokens ?? false,
    }),
  );
  provider.use(openRegistration);
  provider.use(showCodeOfLink);
  provider.use(introspectJwts({ issuer, publicKey: key.publicKey, gatewayUrls: options.gatewayUrls }));
  registerTokenExchange(provider, { key, gatewayUrls: options.gatewayUrls });
  handler = answerRequests(provider);
  return { ...server, issuer };
}

const refuseForNow: RequestListener = (_request, response) => response.writeHead(503).end();

function answerRequests(provider: Provider): RequestListener {
  const protocol = provider.callback();
  return (request, response) => {
    handleInteraction(provider, request, response)
      .then((handled) => (handled ? undefined : protocol(request, response)))
      .catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
  };
}
