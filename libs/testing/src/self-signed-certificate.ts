import { randomBytes, sign, type KeyObject } from 'node:crypto';

/**
 * A minimal X.509 v3 certificate (RFC 5280 §4.1) of an RSA key by itself, as providers put into `x5c`: one common name,
 * valid from 2020 to 2040, no extensions.
 * @returns the DER bytes
 */
export function createSelfSignedCertificate(commonName: string, privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const name = der(0x30, der(0x31, der(0x30, OID_COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('400101000000Z')));
  const algorithm = der(0x30, OID_SHA256_RSA, der(0x05));
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  // A positive INTEGER: its first byte has no sign bit and is not zero.
  const serial = der(0x02, Buffer.from([0x01, ...randomBytes(8)]));
  const body = der(0x30, version, serial, algorithm, name, validity, name, publicKey.export({ type: 'spki', format: 'der' }));
  return der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)));
}

export const OID_COMMON_NAME = Buffer.from('0603550403', 'hex');
export const OID_SHA256_RSA = Buffer.from('06092a864886f70d01010b', 'hex');

/** An element of DER: tag, length and content (X.690 §8.1). */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
