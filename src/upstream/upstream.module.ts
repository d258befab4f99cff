import { Module } from '@nestjs/common';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { UpstreamClient } from './upstream.client.js';

@Module({ imports: [CredentialsModule], providers: [UpstreamClient], exports: [UpstreamClient, CredentialsModule] })
export class UpstreamModule {}
