import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigurationModule } from '../config/configuration.module.js';
import { loadConfiguration } from '../config/configuration.file.js';
import type { LiveSettings } from '../config/configuration.schema.js';
import type { Environment } from '../config/environment.js';
import { LiveConfiguration } from '../config/live-configuration.js';
import type { Tenant } from '../context/tenant.js';
import { CredentialsModule } from '../credentials/credentials.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { TenancyModule } from '../tenancy/tenancy.module.js';
import { TenantEntity } from '../tenancy/tenant.entity.js';
import { TenantRegistry } from '../tenancy/tenant.registry.js';
import { CommandError } from './command.error.js';
import { openDatabase } from './database.js';

@Module({})
class VaultModule {}

/** The vault of a gateway whose configuration was applied, without the gateway. */
export interface OpenVault {
  readonly settings: LiveSettings;
  get<T>(type: new (...parameters: never[]) => T): T;
  /** @throws CommandError when the applied configuration has no such tenant */
  tenant(name: string): Tenant;
}

/** @param config undefined when environment variables are all there is */
export async function withVault(config: string | undefined, environment: Environment, work: (vault: OpenVault) => Promise<number>): Promise<number> {
  const configuration = loadConfiguration(config, environment);
  const database = await openDatabase(configuration, environment);
  try {
    const imports = [DatabaseModule.forUrls(database.urls, [TenantEntity], { max: 2 }), ConfigurationModule.forRoot(configuration, environment), TenancyModule, CredentialsModule];
    const app = await NestFactory.createApplicationContext({ module: VaultModule, imports }, { logger: false, abortOnError: false });
    try {
      return await work(describe(app));
    } finally {
      await app.close();
    }
  } finally {
    await database.stop();
  }
}

function describe(app: INestApplicationContext): OpenVault {
  const { settings } = app.get(LiveConfiguration, { strict: false }).current;
  const registry = app.get(TenantRegistry, { strict: false });
  return {
    settings,
    get: (type) => app.get(type, { strict: false }),
    tenant: (name) => {
      const tenant = registry.find(name);
      if (!tenant) throw new CommandError(`the applied configuration has no tenant "${name}"; it has ${Object.keys(settings.tenants).join(', ')}`);
      return tenant;
    },
  };
}
