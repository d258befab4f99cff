import { ConfigurationError } from '../config/configuration.error.js';
import type { CredentialFactory } from '../token-exchange/credential.strategy.js';

/** One key for every caller: the API knows the gateway only. */
export const createApiKey: CredentialFactory<'api-key'> = ({ settings, setting, secret: read }) => {
  const { name, prefix = '' } = settings;
  const secret = read(settings.value);
  // A header with anything else is not sent, and in a cookie `;` ends the value.
  const allowed = settings.in === 'cookie' ? /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/ : /^[\x20-\x7e]+$/;
  if (settings.in !== 'query' && !allowed.test(prefix + secret.reveal())) {
    throw new ConfigurationError('the configuration', [{ path: `${setting}.value`, message: `cannot stand in a ${settings.in}: it has ${settings.in === 'cookie' ? 'spaces, quotes, ",", ";", "\\" or ' : ''}other characters than printable ASCII` }]);
  }
  const credential = { placement: { in: settings.in, name, prefix, secret }, actor: `api-key:${name}`, scopes: null, isNarrowed: false, evict: undefined };
  return { obtain: async () => credential };
};
