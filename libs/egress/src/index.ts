export { hostAndPort } from './address.js';
export { createEgressAgent, type EgressAgent } from './egress-agent.js';
export { EgressError } from './egress-error.js';
export { EgressPolicy } from './egress-policy.js';
export { Egress } from './egress.js';
export { HttpProxy } from './http-proxy.js';
export { NoProxyList, splitNoProxy } from './no-proxy.js';
export { inspectConnection, inspectPeer, type PeerInspection } from './peer-inspection.js';
export { readCertificates, readPrivateKey, TlsMaterial, type ClientCertificate } from './tls-material.js';
