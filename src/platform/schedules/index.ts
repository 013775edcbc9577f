export { isCron, nextTick } from './cron.ts';
export { findSchedule, latestTicks, listSchedules, listTicks, updateSchedule } from './schedule.store.ts';
export type { ScheduleRow, TickRow } from './schedule.store.ts';
export { ScheduleRegistry } from './schedule-registry.ts';
export type { Schedule, Tick } from './schedule-registry.ts';
export { SCHEDULE_CLOCK, Scheduler } from './scheduler.ts';
export type { ScheduleClock } from './scheduler.ts';
export { SchedulesModule } from './schedules.module.ts';
