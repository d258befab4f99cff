import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { der, OID_COMMON_NAME, OID_SHA256_RSA } from './self-signed-certificate.js';

/** A certificate and its key, as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateOptions {
  /** When it ends; 2040 by default. */
  readonly notAfter?: Date;
}

const OID_SUBJECT_ALTERNATIVE_NAME = Buffer.from('0603551d11', 'hex');
const OID_BASIC_CONSTRAINTS = Buffer.from('0603551d13', 'hex');

/** A certificate authority for tests (RFC 5280), with an RSA key of its own; it issues certificates of servers and clients. */
export class CertificateAuthority {
  readonly #name: string;
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  /** PEM of its own certificate. */
  readonly certificate: string;

  constructor(name: string) {
    this.#name = name;
    this.certificate = this.#sign(name, this.#keys.publicKey, [extension(OID_BASIC_CONSTRAINTS, der(0x30, der(0x01, Buffer.from([0xff]))))], {});
  }

  /** @param names DNS names and addresses that the certificate is for; the first is its common name too */
  issue(names: readonly string[], options: CertificateOptions = {}): IssuedCertificate {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const alternatives = names.map((name) => (isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name))));
    const certificate = this.#sign(names[0] ?? '', publicKey, [extension(OID_SUBJECT_ALTERNATIVE_NAME, der(0x30, ...alternatives))], options);
    return { certificate, privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
  }

  #sign(subject: string, key: KeyObject, extensions: readonly Buffer[], { notAfter = new Date('2040-01-01') }: CertificateOptions): string {
    const end = `${notAfter.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`;
    const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from(end)));
    const algorithm = der(0x30, OID_SHA256_RSA, der(0x05));
    const body = der(
      0x30,
      der(0xa0, der(0x02, Buffer.from([2]))),
      // A positive INTEGER: its first byte has no sign bit and is not zero.
      der(0x02, Buffer.from([0x01, ...randomBytes(8)])),
      algorithm,
      nameOf(this.#name),
      validity,
      nameOf(subject),
      key.export({ type: 'spki', format: 'der' }),
      der(0xa3, der(0x30, ...extensions)),
    );
    const certificate = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, this.#keys.privateKey)));
    return `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`;
  }
}

const nameOf = (commonName: string): Buffer => der(0x30, der(0x31, der(0x30, OID_COMMON_NAME, der(0x0c, Buffer.from(commonName)))));

const extension = (id: Buffer, value: Buffer): Buffer => der(0x30, id, der(0x04, value));
