import { type DynamicModule, Module } from '@nestjs/common';
import type { LoadedConfiguration } from './configuration.file.js';
import type { Environment } from './environment.js';
import { LiveConfiguration } from './live-configuration.js';
import { moduleFiles } from './operator-module.js';
import { SecretReader } from './secret-reference.js';
import { ALLOWED_ORIGINS, ENVIRONMENT, MODULE_FILES, PUBLIC_URLS } from './start-settings.js';

/** Hands each module its frozen slice. Global; it reads the database's newest revision before any other module starts. */
@Module({})
export class ConfigurationModule {
  static forRoot(configuration: LoadedConfiguration, environment: Environment): DynamicModule {
    const { settings, folder } = configuration;
    return {
      module: ConfigurationModule,
      global: true,
      providers: [
        { provide: MODULE_FILES, useValue: moduleFiles(configuration) },
        { provide: PUBLIC_URLS, useValue: settings.publicUrls },
        { provide: ALLOWED_ORIGINS, useValue: settings.allowedOrigins },
        { provide: ENVIRONMENT, useValue: settings.environment },
        { provide: SecretReader, useValue: new SecretReader(folder, environment) },
        LiveConfiguration,
      ],
      exports: [MODULE_FILES, PUBLIC_URLS, ALLOWED_ORIGINS, ENVIRONMENT, SecretReader, LiveConfiguration],
    };
  }
}
