import { Module } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import { SecretReader } from '../config/secret-reference.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { KnownIdentities } from './identities/known-identities.js';
import { LegacyDiscoveryController } from './legacy-discovery.controller.js';
import { LegacyDiscovery } from './legacy-discovery.js';
import { MetadataController } from './metadata.controller.js';
import { Revocations } from './revocations/revocations.js';
import { StrategyParts } from './strategy-parts.js';
import { TokenVerifier } from './token.verifier.js';

const strategyParts = {
  provide: StrategyParts,
  inject: [LiveConfiguration, SecretReader, ApiKeys],
  useFactory: (live: LiveConfiguration, files: SecretReader, keys: ApiKeys) => new StrategyParts(() => live.current.egress, files, keys),
};

@Module({ controllers: [LegacyDiscoveryController, MetadataController], providers: [ApiKeys, KnownIdentities, LegacyDiscovery, Revocations, strategyParts, TokenVerifier], exports: [TokenVerifier, ApiKeys, Revocations, StrategyParts] })
export class AuthModule {}
