export { hostAndPort, isAddressLiteral } from './address.js';
export { judgeThroughProxy, type ConnectorOptions } from './checked-connector.js';
export { createEgressAgent, type EgressAgent, type EgressAgentOptions } from './egress-agent.js';
export { EgressError } from './egress-error.js';
export { EgressPolicy, type EgressLists, type Judgement } from './egress-policy.js';
export { Egress, type EgressRules, type EgressWays, type Way } from './egress.js';
export { HttpProxy, ProxyError } from './http-proxy.js';
export { NoProxyList, splitNoProxy } from './no-proxy.js';
export { readCertificates, readPrivateKey, TlsMaterial, type ClientCertificate } from './tls-material.js';
