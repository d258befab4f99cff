import { Module } from '@nestjs/common';
import { MetadataController } from './metadata.controller.js';
import { TokenVerifier } from './token.verifier.js';

@Module({ controllers: [MetadataController], providers: [TokenVerifier], exports: [TokenVerifier] })
export class AuthModule {}
