import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { BearerGuard } from './auth/bearer.guard.js';
import type { LoadedConfiguration } from './config/configuration.file.js';
import { ConfigurationModule } from './config/configuration.module.js';
import type { Environment } from './config/environment.js';
import type { DatabaseUrls } from './database/database-urls.js';
import { DatabaseModule } from './database/database.module.js';
import { HttpErrorFilter } from './errors/http-error.filter.js';
import { LimitGuard } from './limits/limit.guard.js';
import { readRedisUrl } from './limits/redis.connection.js';
import { LimitsModule } from './limits/limits.module.js';
import { RedisModule } from './limits/redis.module.js';
import { McpModule } from './mcp/mcp.module.js';
import { HealthController } from './observability/health.controller.js';
import { TenancyModule } from './tenancy/tenancy.module.js';
import { TenantEntity } from './tenancy/tenant.entity.js';
import { TenantGuard } from './tenancy/tenant.guard.js';
import { ToolsetGuard } from './tenancy/toolset.guard.js';
import { WebModule } from './web/web.module.js';
import { WorkspaceModule } from './workspace/workspace.module.js';

/** The composition root. The order of the guards is the order of a call: who, for which tenant, how much, for which of its toolsets. */
@Module({})
export class AppModule {
  static create(configuration: LoadedConfiguration, environment: Environment, urls: DatabaseUrls, modules: readonly Type[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        DatabaseModule.forUrls(urls, [TenantEntity]),
        ConfigurationModule.forRoot(configuration, environment),
        AuditModule,
        TenancyModule,
        AuthModule,
        RedisModule.at(readRedisUrl(configuration, environment)),
        LimitsModule,
        McpModule,
        AdminModule,
        WebModule,
        ...(configuration.settings.workspace ? [WorkspaceModule.forSettings(configuration.settings.workspace)] : []),
        ...modules,
      ],
      controllers: [HealthController],
      providers: [
        { provide: APP_GUARD, useClass: BearerGuard },
        { provide: APP_GUARD, useClass: TenantGuard },
        { provide: APP_GUARD, useClass: LimitGuard },
        { provide: APP_GUARD, useClass: ToolsetGuard },
        { provide: APP_FILTER, useClass: HttpErrorFilter },
      ],
    };
  }
}
