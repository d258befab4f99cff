import { Module } from '@nestjs/common';
import { TokenExchangeModule } from '../token-exchange/token-exchange.module.js';
import { CredentialChain } from './credential.chain.js';
import { ConnectLinks } from './vault/connect-links.js';
import { ConnectedAccounts } from './vault/connected-accounts.js';
import { Connections } from './vault/connections.js';

@Module({ imports: [TokenExchangeModule], providers: [ConnectLinks, ConnectedAccounts, Connections, CredentialChain], exports: [ConnectLinks, Connections, CredentialChain] })
export class CredentialsModule {}
