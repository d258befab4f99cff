import { Module } from '@nestjs/common';
import { TokenExchangeModule } from '../token-exchange/token-exchange.module.js';
import { CredentialChain } from './credential.chain.js';

@Module({ imports: [TokenExchangeModule], providers: [CredentialChain], exports: [CredentialChain] })
export class CredentialsModule {}
