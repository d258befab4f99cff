import { z } from 'zod';
import { egressEntry, hostEntry, noProxyEntry, secretReference } from './configuration.values.js';

/** `egress:` of `gatehouse.yaml`: what may be connected, and how. */

const lists = {
  /** Reachable although not public. */
  allow: z.array(egressEntry).default([]),
  /** Never reachable, whatever allows it. */
  deny: z.array(egressEntry).default([]),
};

/** What a tenant's own lists add, for what is done for this tenant only. */
export const tenantEgressSchema = z.strictObject(lists);

const clientCertificate = z.strictObject({
  hosts: z.array(hostEntry).min(1, 'must name at least one host'),
  certificate: secretReference,
  privateKey: secretReference,
  passphrase: secretReference.optional(),
});

export const egressSchema = z
  .strictObject({
    ...lists,
    /** Its URL, which may hold a password. */
    proxy: secretReference.optional(),
    /** Unset, the environment's NO_PROXY counts. */
    noProxy: z.array(noProxyEntry).optional(),
    /** PEM bundle, trusted besides the system's. */
    ca: secretReference.optional(),
    clientCertificates: z.array(clientCertificate).default([]),
  })
  .superRefine(({ clientCertificates }, context) => {
    const seen = new Set<string>();
    clientCertificates.forEach(({ hosts }, index) => {
      hosts.forEach((host, position) => {
        if (seen.has(host.toLowerCase())) context.addIssue({ code: 'custom', path: ['clientCertificates', index, 'hosts', position], message: 'has a certificate already; each host is shown one' });
        seen.add(host.toLowerCase());
      });
    });
  });
