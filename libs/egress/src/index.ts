export { EgressError, EgressPolicy, hostAndPort, isAddressLiteral } from './egress-policy.js';
export { createCheckedAgent, type CheckedAgentOptions } from './checked-agent.js';
