import { DynamicModule, Module } from '@nestjs/common';
import { AppConfig } from './platform/config/index.ts';
import { PlatformModule } from './platform/platform.module.ts';

/** The worker: every feature with the processors of its queues and without controllers. */
@Module({})
export class WorkerModule {
  static forRoot(config: AppConfig): DynamicModule {
    return { module: WorkerModule, imports: [PlatformModule.forWorker(config)] };
  }
}
