import { GatewayError } from './gateway.error.js';

const REQUIRED = { code: 'connection_required', status: 403 };

/** The call needs an account or key that its user has not connected, or has to connect again. */
export class ConnectionRequiredError extends GatewayError {
  constructor(
    message: string,
    /** Where this user, and nobody else, can connect it. */
    readonly url: string,
  ) {
    super(REQUIRED, message);
  }
}
