import { DynamicModule, Global, Module } from '@nestjs/common';
import { AlertAdministration } from './alert-administration.ts';
import { AlertsController } from './alerts.controller.ts';
import { AlertsService } from './alerts.service.ts';

/** Alerts; `forApi` also serves them. */
@Global()
@Module({})
export class AlertsModule {
  static forApi(): DynamicModule {
    return {
      module: AlertsModule,
      providers: [AlertsService, AlertAdministration],
      controllers: [AlertsController],
      exports: [AlertsService],
    };
  }

  static forWorker(): DynamicModule {
    return { module: AlertsModule, providers: [AlertsService], exports: [AlertsService] };
  }
}
