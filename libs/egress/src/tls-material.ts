import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import tls, { createSecureContext, type SecureContext } from 'node:tls';
import { canonicalEntry, canonicalHost } from './address.js';
import { EgressError } from './egress-error.js';

/** A certificate with which the gateway proves itself to some hosts. */
export interface ClientCertificate {
  /** `host` or `host:port`; it is shown to nobody else. */
  readonly hosts: readonly string[];
  /** PEM, the certificate itself first. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
  readonly passphrase?: string | undefined;
}

/**
 * The certificates of a PEM bundle.
 * @throws EgressError when it holds none, or one that cannot be read
 */
export function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new EgressError('holds no PEM certificate (-----BEGIN CERTIFICATE-----)');
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new EgressError(`certificate ${index + 1} of the PEM cannot be read`);
    }
  });
}

/** @throws EgressError when it is no PEM key, or the passphrase is missing or wrong */
export function readPrivateKey(pem: string, passphrase?: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    throw new EgressError(passphrase === undefined ? 'is no PEM private key that can be read without a passphrase' : 'is no PEM private key, or the passphrase is not its own');
  }
}

/** The roots that Node trusts without us, those of NODE_EXTRA_CA_CERTS and of --use-system-ca included. */
function systemRoots(): readonly string[] {
  // Node 20 has no getCACertificates.
  return typeof tls.getCACertificates === 'function' ? tls.getCACertificates('default') : tls.rootCertificates;
}

/** Whom TLS connections trust, and which certificate they show. */
export class TlsMaterial {
  readonly authorities: readonly X509Certificate[];
  readonly #common: SecureContext | undefined;
  readonly #byHost = new Map<string, SecureContext>();
  /** Equal for the same material; a digest. */
  readonly key: string;

  /**
   * @param ca PEM bundle of certificate authorities to trust besides the system's
   * @throws EgressError for what is no PEM, and for a key that does not belong to its certificate
   */
  constructor(ca?: string, clientCertificates: readonly ClientCertificate[] = []) {
    this.authorities = ca === undefined ? [] : readCertificates(ca);
    const trust = ca === undefined ? {} : { ca: [...systemRoots(), ...this.authorities.map(String)] };
    this.#common = ca === undefined ? undefined : createSecureContext(trust);
    for (const { hosts, certificate, privateKey, passphrase } of clientCertificates) {
      const [own] = readCertificates(certificate);
      const key = readPrivateKey(privateKey, passphrase);
      if (!own?.checkPrivateKey(key)) throw new EgressError('does not belong to its certificate');
      const context = createSecureContext({ ...trust, cert: certificate, key: key.export({ format: 'pem', type: 'pkcs8' }) });
      for (const host of hosts) this.#byHost.set(canonicalEntry(host), context);
    }
    const parts = [ca, ...clientCertificates.map(({ hosts, certificate, privateKey }) => [hosts, certificate, privateKey])];
    this.key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  }

  /** What a connection to this host is made with; undefined for what Node does by itself. */
  contextFor(host: string, port: number): SecureContext | undefined {
    const name = canonicalHost(host);
    return this.#byHost.get(`${name} ${port}`) ?? this.#byHost.get(name) ?? this.#common;
  }

  /** Whether a certificate of our own is shown to this host. */
  provesItselfTo(host: string, port: number): boolean {
    return this.#byHost.has(`${canonicalHost(host)} ${port}`) || this.#byHost.has(canonicalHost(host));
  }
}
