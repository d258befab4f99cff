import { Module } from '@nestjs/common';
import { LiveConfiguration } from '../config/live-configuration.js';
import { ChangeFeed, revocationsTopic } from '../database/change-feed.js';
import { GrantedTokens } from './granted.tokens.js';
import { TokenEndpoints } from './token.endpoints.js';

const tokenEndpoints = {
  provide: TokenEndpoints,
  inject: [LiveConfiguration],
  useFactory: (live: LiveConfiguration) => new TokenEndpoints(() => live.current.egress),
};

const grantedTokens = {
  provide: GrantedTokens,
  inject: [ChangeFeed],
  useFactory: (feed: ChangeFeed) => {
    const tokens = new GrantedTokens();
    feed.on(revocationsTopic, () => tokens.clear());
    return tokens;
  },
};

@Module({ providers: [tokenEndpoints, grantedTokens], exports: [TokenEndpoints, GrantedTokens] })
export class TokenExchangeModule {}
