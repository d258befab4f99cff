import type { Middleware } from 'koa';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { type DeviceForm, renderConfirmPage, renderConnectedPage, renderUserCodePage } from './device.pages.js';
import { pageHeaders } from './page.js';

const verificationRoute = 'code_verification';

/** The device authorization grant (RFC 8628) with pages like the others. */
export const deviceFlow: NonNullable<NonNullable<Configuration['features']>['deviceFlow']> = {
  enabled: true,
  userCodeInputSource: (ctx, _form, _out, error) => {
    const userCode = error !== undefined && 'userCode' in error && typeof error.userCode === 'string' ? error.userCode : undefined;
    show(ctx, renderUserCodePage({ ...formOf(ctx), userCode, problem: describeProblem(error) }));
  },
  userCodeConfirmSource: (ctx, _form, client, _device, userCode) => show(ctx, renderConfirmPage({ ...formOf(ctx), client: client.clientName ?? client.clientId, userCode })),
  successSource: (ctx) => show(ctx, renderConnectedPage(ctx.oidc.client?.clientName ?? ctx.oidc.client?.clientId ?? 'Your device')),
};

/** A link that carries the code: oidc-provider's page submits itself by a script; ours shows the code, to be sent by hand. */
export const showCodeOfLink: Middleware = async (ctx, next) => {
  await next();
  if (!isProtocolContext(ctx) || ctx.oidc.route !== verificationRoute || ctx.method !== 'GET' || ctx.status !== 200) return;
  const userCode = ctx.oidc.params?.['user_code'];
  if (typeof userCode === 'string') show(ctx, renderUserCodePage({ ...formOf(ctx), userCode }));
};

/** Only oidc-provider's own routes have it. */
export const isProtocolContext = (ctx: object): ctx is KoaContextWithOIDC => 'oidc' in ctx && ctx.oidc !== undefined;

function formOf(ctx: KoaContextWithOIDC): DeviceForm {
  return { action: ctx.oidc.urlFor(verificationRoute), xsrf: String(ctx.oidc.session?.state?.['secret'] ?? '') };
}

const problems: Readonly<Record<string, string>> = {
  NoCodeError: 'Enter the code that your device shows.',
  NotFoundError: 'There is no such code. Compare it with your device.',
  ExpiredError: 'The code has expired. Start again on your device.',
  AlreadyUsedError: 'The code was used already. Start again on your device.',
  AbortedError: 'The device was not connected.',
};

function describeProblem(error: Error | undefined): string | undefined {
  return error && (problems[error.name] ?? 'That did not work. Enter the code again.');
}

function show(ctx: KoaContextWithOIDC, page: string): void {
  ctx.set(pageHeaders);
  ctx.body = page;
}
