import type { Secret } from '@gatehouse-mcp/oauth';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { ConfigurationError } from '../config/configuration.error.js';
import type { LoadedConfiguration } from '../config/configuration.file.js';
import type { Environment } from '../config/environment.js';
import { SecretReader } from '../config/secret-reference.js';

/** Longest that a request waits for Redis, in milliseconds: counting is no reason to be slow. */
const COMMAND_MS = 250;
const CONNECT_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;

/**
 * The URL of `redis`, where one is configured.
 * @throws ConfigurationError for one that is none
 */
export function readRedisUrl({ settings, folder }: LoadedConfiguration, environment: Environment): Secret | undefined {
  if (!settings.redis) return undefined;
  const url = new SecretReader(folder, environment).read(settings.redis.url, 'redis.url');
  if (!URL.canParse(url.reveal()) || !/^rediss?:$/.test(new URL(url.reveal()).protocol)) {
    throw new ConfigurationError('the configuration', [{ path: 'redis.url', message: 'must be a redis:// or rediss:// URL' }]);
  }
  return url;
}

/** A connection that comes back by itself. While it is away its commands fail at once: whoever counts has another way. */
export function connectRedis(url: Secret): Redis {
  const redis = new Redis(url.reveal(), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_MS,
    connectTimeout: CONNECT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_PAUSE_MS),
  });
  const logger = new Logger('Redis');
  let isAway = false;
  redis.on('error', (error: Error) => {
    // Each attempt to come back reports one.
    if (!isAway) logger.warn(`Redis does not answer, limits are counted by each replica and nothing is cached: ${error.message}`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) logger.log('Redis answers again, limits and caches are shared');
    isAway = false;
  });
  return redis;
}
