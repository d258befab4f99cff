/** A connection that the policy does not allow. The message names the host and, where there is one, the address; never a secret. */
export class EgressError extends Error {
  readonly code = 'egress_denied';

  constructor(message: string) {
    super(message);
    this.name = 'EgressError';
  }
}
