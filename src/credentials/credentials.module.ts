import { Module } from '@nestjs/common';
import { TokenExchangeModule } from '../token-exchange/token-exchange.module.js';
import { CredentialChain } from './credential.chain.js';
import { CredentialUpdates } from './resolver/credential-updates.js';
import { ResolvedCredentials } from './resolver/resolved.credentials.js';
import { AccountLoader } from './vault/account.loader.js';
import { AccountRefresher } from './vault/account.refresher.js';
import { Authorizations } from './vault/authorizations.js';
import { ConnectLinks } from './vault/connect-links.js';
import { ConnectedAccounts } from './vault/connected-accounts.js';
import { ConnectionServers } from './vault/connection.servers.js';
import { ConnectionStore } from './vault/connection.store.js';
import { Connections } from './vault/connections.js';
import { DataKeys } from './vault/data-keys.js';
import { RefreshLeases } from './vault/refresh.lease.js';
import { Rekeying } from './vault/rekeying.js';

/** What users connected, from its rows to its use in a call. */
const vaultProviders = [DataKeys, ConnectionStore, RefreshLeases, ConnectionServers, AccountRefresher, AccountLoader, ConnectLinks, ConnectedAccounts, Authorizations, Connections, Rekeying];

@Module({ imports: [TokenExchangeModule], providers: [...vaultProviders, CredentialUpdates, ResolvedCredentials, CredentialChain], exports: [ConnectLinks, Connections, CredentialUpdates, CredentialChain] })
export class CredentialsModule {}
