import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys/api-keys.js';
import { KnownIdentities } from './identities/known-identities.js';
import { MetadataController } from './metadata.controller.js';
import { Revocations } from './revocations/revocations.js';
import { StrategyParts } from './strategy-parts.js';
import { TokenVerifier } from './token.verifier.js';

@Module({ controllers: [MetadataController], providers: [ApiKeys, KnownIdentities, Revocations, StrategyParts, TokenVerifier], exports: [TokenVerifier, ApiKeys, Revocations] })
export class AuthModule {}
