import { DynamicModule, Module } from '@nestjs/common';
import { AppConfig } from './platform/config/index.ts';
import { PlatformModule } from './platform/platform.module.ts';

/** The API: every feature with its controllers. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.forApi(config)] };
  }
}
