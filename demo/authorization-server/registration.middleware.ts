import type { Middleware } from 'koa';
import { supportedScopes } from './scopes.js';

const registrationPath = '/register';

/**
 * oidc-provider has CORS on every endpoint a browser client needs but registration; and its answer repeats the
 * scopes that were asked, where the stored client has all of them (see the adapter).
 */
export const openRegistration: Middleware = async (ctx, next) => {
  if (ctx.path !== registrationPath) return next();
  ctx.set('Access-Control-Allow-Origin', '*');
  if (ctx.method === 'OPTIONS') {
    ctx.set({ 'Access-Control-Allow-Methods': 'POST', 'Access-Control-Allow-Headers': 'content-type, mcp-protocol-version', 'Access-Control-Max-Age': '3600' });
    ctx.status = 204;
    return;
  }
  await next();
  const { body } = ctx;
  if (ctx.status === 201 && typeof body === 'object' && body !== null) ctx.body = { ...body, scope: supportedScopes.join(' ') };
};
