export { CalendarService } from './calendar.service.ts';
export type { DatedEvent } from './calendar.service.ts';
export { dayOf, IsCivilDate, isCivilDate, isoOf } from './civil-day.ts';
export { SignalsApiModule } from './signals.api.module.ts';
export { SignalsModule } from './signals.module.ts';
export { SignalsWorkerModule } from './signals.worker.module.ts';
export { ModelSignalsService, SIGNAL_COVARIATES } from './values/model-signals.service.ts';
export { SignalStatusService } from './values/signal-status.service.ts';
export { SignalValues } from './values/signal-values.ts';
