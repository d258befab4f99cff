import type { CallContext } from '../../context/call-context.js';

/** A signed-in user at a page, as verified as the caller of a tool. */
export type Visitor = Pick<CallContext, 'requestId' | 'caller' | 'tenant' | 'address'>;
