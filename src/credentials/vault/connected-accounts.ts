import { Injectable } from '@nestjs/common';
import type { CallContext } from '../../context/call-context.js';
import type { ConnectionOf } from '../../config/connection.schema.js';
import { ConnectionRequiredError } from '../../errors/connection-required.error.js';
import type { ConnectedAccount, UserConnections, UserSecret } from '../../token-exchange/credential.strategy.js';
import { ConnectLinks } from './connect-links.js';

/** What users connected, for their calls. */
@Injectable()
export class ConnectedAccounts implements UserConnections {
  constructor(private readonly links: ConnectLinks) {}

  async account(call: CallContext, connection: ConnectionOf<'oauth'>): Promise<ConnectedAccount> {
    throw new ConnectionRequiredError('', await this.links.create(call, connection.name));
  }

  async secret(call: CallContext, connection: ConnectionOf<'secret'>): Promise<UserSecret> {
    throw new ConnectionRequiredError('', await this.links.create(call, connection.name));
  }
}
