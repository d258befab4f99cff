import { GatewayError, type GatewayErrorKind } from '../errors/gateway.error.js';

/** The API gave no answer that could be used. */
export class UpstreamError extends GatewayError {
  constructor(
    kind: GatewayErrorKind,
    message: string,
    /** True once bytes may have reached the API: nobody can say then whether it did what was asked. */
    readonly mayHaveRun: boolean,
    cause?: unknown,
  ) {
    super(kind, message, { cause });
  }
}
