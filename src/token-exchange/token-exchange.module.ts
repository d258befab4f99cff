import { Module } from '@nestjs/common';
import { TokenExchanger } from './token.exchanger.js';

@Module({ providers: [TokenExchanger], exports: [TokenExchanger] })
export class TokenExchangeModule {}
