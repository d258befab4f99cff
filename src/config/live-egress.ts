import { Egress, EgressError, EgressPolicy, HttpProxy, NoProxyList, readCertificates, readPrivateKey, splitNoProxy, TlsMaterial, type ClientCertificate } from '@gatehouse-mcp/egress';
import type { Secret } from '@gatehouse-mcp/oauth';
import { ConfigurationError } from './configuration.error.js';
import type { LiveSettings } from './configuration.schema.js';
import { readSecrets } from './live-secrets.js';
import type { SecretReader } from './secret-reference.js';

type Secrets = ReadonlyMap<string, Secret>;

/**
 * Everything that the settings say of outbound connections.
 * @param noProxy the environment's `NO_PROXY`, which counts where there is a proxy and no `egress.noProxy`
 * @throws ConfigurationError that names the setting, and never what a secret reference stands for
 */
export function createEgress({ egress, tenants }: Pick<LiveSettings, 'egress' | 'tenants'>, secrets: Secrets, noProxy: string | undefined): Egress {
  const { allow, deny, proxy, ca } = egress;
  const reveal = (reference: string): string => secrets.get(reference)?.reveal() ?? '';
  const exemptions = proxy === undefined ? [] : (egress.noProxy ?? splitNoProxy(noProxy ?? ''));
  const own = Object.entries(tenants).flatMap(([name, { egress: lists }]) => (lists === undefined ? [] : [[name, new EgressPolicy(allow, deny, { setting: `tenants.${name}.egress`, lists })] as const]));
  if (ca !== undefined) judge('egress.ca', () => readCertificates(reveal(ca)));
  return new Egress(
    new EgressPolicy(allow, deny),
    {
      proxy: proxy === undefined ? undefined : judge('egress.proxy', () => new HttpProxy(reveal(proxy))),
      noProxy: judge('egress.noProxy', () => new NoProxyList(exemptions), egress.noProxy === undefined ? 'comes from the environment variable NO_PROXY, where ' : ''),
      tls: new TlsMaterial(ca === undefined ? undefined : reveal(ca), readClientCertificates(egress, reveal)),
    },
    new Map(own),
  );
}

/** The same for a command, which has the settings of a file and reads their secrets itself. */
export function readEgress(settings: LiveSettings, reader: SecretReader): Egress {
  return createEgress(settings, readSecrets(settings, reader), reader.noProxy);
}

function readClientCertificates({ clientCertificates }: LiveSettings['egress'], reveal: (reference: string) => string): readonly ClientCertificate[] {
  return clientCertificates.map(({ hosts, ...references }, index) => {
    const at = `egress.clientCertificates[${index}]`;
    const certificate = reveal(references.certificate);
    const privateKey = reveal(references.privateKey);
    const passphrase = references.passphrase === undefined ? undefined : reveal(references.passphrase);
    const [own] = judge(`${at}.certificate`, () => readCertificates(certificate));
    const key = judge(`${at}.privateKey`, () => readPrivateKey(privateKey, passphrase));
    if (!own?.checkPrivateKey(key)) throw problem(`${at}.privateKey`, 'does not belong to the certificate');
    return { hosts, certificate, privateKey, passphrase };
  });
}

function judge<T>(setting: string, read: () => T, origin = ''): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof EgressError) throw problem(setting, `${origin}${error.message}`);
    throw error;
  }
}

function problem(path: string, message: string): ConfigurationError {
  return new ConfigurationError('the configuration', [{ path, message }]);
}
