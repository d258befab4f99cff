import { Module } from '@nestjs/common';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { CredentialWebhookController } from './credential-webhook.controller.js';

@Module({ imports: [CredentialsModule], controllers: [CredentialWebhookController] })
export class AdminModule {}
