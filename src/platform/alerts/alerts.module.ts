import { DynamicModule, Global, Module } from '@nestjs/common';
import { AlertsController } from './alerts.controller.ts';
import { AlertsService } from './alerts.service.ts';

/** Alerts; `forApi` also serves them. */
@Global()
@Module({})
export class AlertsModule {
  static forApi(): DynamicModule {
    return { ...AlertsModule.forWorker(), controllers: [AlertsController] };
  }

  static forWorker(): DynamicModule {
    return { module: AlertsModule, providers: [AlertsService], exports: [AlertsService] };
  }
}
