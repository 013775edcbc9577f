export { AlertsModule } from './alerts.module.ts';
export { AlertsService } from './alerts.service.ts';
export type { NewAlert, Severity } from './alerts.service.ts';
