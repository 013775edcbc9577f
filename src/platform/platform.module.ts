import { DynamicModule, Module } from '@nestjs/common';
import { AlertsModule } from './alerts/index.ts';
import { CacheModule } from './cache/index.ts';
import { AppConfig, ConfigModule } from './config/index.ts';
import { DatabaseModule } from './database/index.ts';
import { HealthModule } from './health/health.module.ts';
import { HousekeepingModule } from './housekeeping/index.ts';
import { HttpModule } from './http/http.module.ts';
import { ObjectStoreModule } from './objectstore/index.ts';
import { OperationsModule } from './operations/operations.module.ts';
import { QueueModule } from './queue/index.ts';
import { ReadsModule } from './reads/index.ts';
import { SchedulesModule } from './schedules/index.ts';
import { TracingModule } from './tracing/index.ts';
import { WorkflowModule } from './workflow/index.ts';

/** Everything below the features, once for the API and once for the workers. */
@Module({})
export class PlatformModule {
  static forApi(config: AppConfig): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        TracingModule,
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot('shelfcast-api'),
        HttpModule.forApi(),
        QueueModule.forApi(),
        WorkflowModule.forApi(),
        SchedulesModule.forApi(),
        AlertsModule.forApi(),
        OperationsModule,
        CacheModule,
        ReadsModule,
        ObjectStoreModule,
        HealthModule,
      ],
    };
  }

  static forWorker(config: AppConfig): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        TracingModule,
        ConfigModule.forRoot(config),
        DatabaseModule.forRoot('shelfcast-worker'),
        HttpModule.forWorker(),
        QueueModule.forWorker(),
        WorkflowModule.forWorker(),
        SchedulesModule.forWorker(),
        AlertsModule.forWorker(),
        HousekeepingModule,
        CacheModule,
        ReadsModule,
        ObjectStoreModule,
      ],
    };
  }
}
