import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { readForm } from './form.js';
import { pageHeaders } from './page.js';
import { renderConsentPage, renderErrorPage, renderLoginPage } from './pages.js';
import { decideScopes, splitScope } from './scopes.js';
import { type DemoAccount, findUser, findUserByPassword } from './users.js';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The two pages a person sees: sign in, then allow. Answers false for a path that is not one of them. */
export async function handleInteraction(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (!pathname.startsWith('/interaction/')) return false;
  try {
    const interaction = await provider.interactionDetails(request, response);
    if (pathname !== `/interaction/${interaction.uid}`) sendPage(response, 404, renderErrorPage('not_found', 'This page is not yours.'));
    else if (request.method === 'GET') await showPage(provider, interaction, response);
    else if (request.method === 'POST') await takeForm(provider, interaction, request, response);
    else sendPage(response, 405, renderErrorPage('method_not_allowed', undefined));
  } catch (error) {
    // oidc-provider's own refusals (an expired interaction, foreign cookies) carry their words for people.
    if (!(error instanceof Error)) throw error;
    const description = 'error_description' in error && typeof error.error_description === 'string' ? error.error_description : undefined;
    sendPage(response, 400, renderErrorPage(error.message, description ?? 'Go back to the application and start again.'));
  }
  return true;
}

async function showPage(provider: Provider, interaction: Interaction, response: ServerResponse): Promise<void> {
  const user = findUser(interaction.session?.accountId);
  if (interaction.prompt.name === 'login' || !user) await showLogin(provider, interaction, response);
  else await showConsent(provider, interaction, user, response);
}

async function showLogin(provider: Provider, interaction: Interaction, response: ServerResponse, problem?: string): Promise<void> {
  const client = await nameOfClient(provider, interaction);
  sendPage(response, problem ? 401 : 200, renderLoginPage({ action: `/interaction/${interaction.uid}`, client, ...(problem ? { problem } : {}) }));
}

async function showConsent(provider: Provider, interaction: Interaction, user: DemoAccount, response: ServerResponse): Promise<void> {
  const page = renderConsentPage({
    action: `/interaction/${interaction.uid}`,
    client: await nameOfClient(provider, interaction),
    user: user.name,
    tenant: user.tenant,
    resources: [interaction.params['resource'] ?? []].flat().map(String),
    ...decideScopes(user, splitScope(String(interaction.params['scope'] ?? ''))),
    redirectHost: hostOf(interaction.params['redirect_uri']),
  });
  sendPage(response, 200, page);
}

/** Undefined in the device flow, which has no redirect. */
function hostOf(redirectUri: unknown): string | undefined {
  return typeof redirectUri === 'string' ? new URL(redirectUri).host : undefined;
}

async function takeForm(provider: Provider, interaction: Interaction, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await readForm(request);
  if (interaction.prompt.name === 'login') {
    const user = findUserByPassword(form.get('user') ?? '', form.get('password') ?? '');
    if (!user) return showLogin(provider, interaction, response, 'No such user, or a wrong password.');
    return provider.interactionFinished(request, response, { login: { accountId: user.name } }, { mergeWithLastSubmission: false });
  }
  const user = findUser(interaction.session?.accountId);
  if (form.get('decision') !== 'allow' || !user) {
    const denied = { error: 'access_denied', error_description: 'The user denied access' };
    return provider.interactionFinished(request, response, denied, { mergeWithLastSubmission: false });
  }
  const grantId = await saveGrant(provider, interaction, user);
  return provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
}

/** Records what is granted, and what is withheld: oidc-provider would ask again for what it finds in neither list. */
async function saveGrant(provider: Provider, interaction: Interaction, user: DemoAccount): Promise<string> {
  const existing = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
  const grant = existing ?? new provider.Grant({ accountId: user.name, clientId: String(interaction.params['client_id']) });
  const missing = describeMissing(interaction);
  const oidc = decideScopes(user, missing.oidc);
  if (oidc.granted.length > 0) grant.addOIDCScope(oidc.granted.join(' '));
  if (oidc.withheld.length > 0) grant.rejectOIDCScope(oidc.withheld.join(' '));
  for (const [resource, scopes] of Object.entries(missing.resources)) {
    const { granted, withheld } = decideScopes(user, scopes);
    if (granted.length > 0) grant.addResourceScope(resource, granted.join(' '));
    if (withheld.length > 0) grant.rejectResourceScope(resource, withheld.join(' '));
  }
  return grant.save();
}

interface MissingScopes {
  readonly oidc: readonly string[];
  readonly resources: Readonly<Record<string, readonly string[]>>;
}

function describeMissing(interaction: Interaction): MissingScopes {
  // The shape of the consent prompt's details, as oidc-provider's own policy fills them.
  const details = interaction.prompt.details as { missingOIDCScope?: string[]; missingResourceScopes?: Record<string, string[]> };
  return { oidc: details.missingOIDCScope ?? [], resources: details.missingResourceScopes ?? {} };
}

async function nameOfClient(provider: Provider, interaction: Interaction): Promise<string> {
  const client = await provider.Client.find(String(interaction.params['client_id']));
  return client?.clientName ?? String(interaction.params['client_id']);
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, pageHeaders).end(page);
}
