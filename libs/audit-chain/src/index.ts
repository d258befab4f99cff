export { canonicalize } from './canonicalize.js';
export { chain, startOfChain, type ChainRecord } from './chain.js';
export { escapeField, fieldLimit } from './field.js';
export { verifyChain, type ChainIdentity, type ChainProblem, type ChainRow, type Checkpoint, type Verification } from './verify.js';
