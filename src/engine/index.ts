/** The only door of the forecasting library: pure functions over typed arrays, the same input gives the same bits. */
export type { CalendarEvent, Panel } from './series/panel.ts';
export * from './pipeline/types.ts';
