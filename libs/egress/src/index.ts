export { EgressError, EgressPolicy, isAddressLiteral } from './egress-policy.js';
export { createCheckedAgent, type CheckedAgentOptions } from './checked-agent.js';
