import { exchangeAssertion, readSigningKey, Secret, signAssertion, type SigningAlgorithm } from '@gatehouse-mcp/oauth';
import { z } from 'zod';
import { ConfigurationError } from '../config/configuration.error.js';
import type { CredentialOf } from '../config/credential.schema.js';
import type { CallContext } from '../context/call-context.js';
import { judgeKey } from './client-proof.js';
import type { CredentialStrategy, LinkContext } from './credential.strategy.js';
import { bearerOf, explainFailures, namedScopes, refuseLink, requireUser, subjectLifetime } from './on-behalf-of.js';

type Context = LinkContext<CredentialOf<'jwt-bearer'>>;
type SignedSettings = NonNullable<CredentialOf<'jwt-bearer'>['signed']>;

interface Signer {
  readonly key: CryptoKey;
  readonly algorithm: SigningAlgorithm;
  readonly keyId: string | undefined;
  readonly issuer: string;
  readonly endpoint: string;
}

/**
 * An assertion of our own about the caller (RFC 7523 §3), as for Google's domain-wide delegation: whoever holds the key can act for
 * every user of the domain, so only verified users of the named domains become its subject.
 */
export function createSignedAssertion(context: Context, signed: SignedSettings): CredentialStrategy {
  const { settings, revision, tokens, endpoints } = context;
  const { key, algorithm, keyId, issuer, endpoint } = readSigner(context, signed);
  const scopes = settings.scope?.split(' ').filter(Boolean) ?? [];
  return {
    obtain: (call) =>
      explainFailures(context, async () => {
        requireUser(call, context);
        const subject = readSubject(call, context, signed);
        const parts = {
          tenant: call.tenant.id,
          strategy: 'jwt-bearer:signed',
          revision,
          issuer: call.caller.issuer,
          subject: `${call.caller.subject} ${subject}`,
          subjectToken: '',
          client: issuer,
          endpoint,
          audience: [],
          resource: '',
          scopes,
          type: '',
          actor: '',
        };
        const obtained = await tokens.obtain(parts, subjectLifetime(call), async () => {
          // Google reads the scope of the assertion, RFC 7521 §4.1 has it as a parameter.
          const more: Record<string, string> = scopes.length === 0 ? {} : { scope: scopes.join(' ') };
          const assertion = await signAssertion({ key, algorithm, keyId, issuer, subject, audience: endpoint, more });
          const request = { issuer: endpoint, tokenEndpoint: endpoint, clientId: issuer, authentication: undefined, assertion, scopes, more: {} };
          return exchangeAssertion(request, endpoints.fetchOf(endpoint));
        });
        return bearerOf(obtained, { actor: issuer, scopes: namedScopes(obtained.token.scopes), isNarrowed: false });
      }),
  };
}

function readSubject({ caller }: CallContext, context: Context, { subject, emailDomains = [] }: SignedSettings): string {
  if (subject === 'sub') return caller.subject;
  const { verifiedEmail } = caller;
  if (verifiedEmail === undefined) throw refuseLink(context, 'your sign-in gives no verified e-mail address');
  const domain = verifiedEmail.slice(verifiedEmail.indexOf('@') + 1);
  if (!emailDomains.includes(domain)) throw refuseLink(context, 'your e-mail address is of a domain that may not be acted for');
  return verifiedEmail;
}

const keyFile = z.object({ client_email: z.string().min(1), private_key: z.string().min(1), private_key_id: z.string().optional(), token_uri: z.string().optional() });

function readSigner({ settings, setting, secret }: Context, { serviceAccount, issuer = '', privateKey = '', keyId, signingAlgorithm: algorithm }: SignedSettings): Signer {
  if (serviceAccount === undefined) {
    const key = judgeKey(`${setting}.signed.privateKey`, () => readSigningKey(secret(privateKey), algorithm));
    return { key, algorithm, keyId, issuer, endpoint: settings.tokenEndpoint ?? '' };
  }
  const at = `${setting}.signed.serviceAccount`;
  const file = judgeKey(at, () => readKeyFile(secret(serviceAccount)));
  const endpoint = settings.tokenEndpoint ?? file.token_uri;
  if (endpoint === undefined || !URL.canParse(endpoint)) throw new ConfigurationError('the configuration', [{ path: at, message: 'has no token_uri; set tokenEndpoint' }]);
  const key = judgeKey(at, () => readSigningKey(new Secret(file.private_key), algorithm));
  return { key, algorithm, keyId: file.private_key_id, issuer: file.client_email, endpoint };
}

function readKeyFile(text: Secret): z.output<typeof keyFile> {
  try {
    return keyFile.parse(JSON.parse(text.reveal()));
  } catch {
    throw new Error('is no JSON key file of a service account (client_email, private_key)');
  }
}
