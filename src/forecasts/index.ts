export { AvailabilityService } from './availability/availability.service.ts';
export type { AvailabilityDay, LostSales } from './availability/availability.service.ts';
export { ForecastsModule } from './forecasts.module.ts';
export { ForecastsService } from './forecasts.service.ts';
export type { DailyForecast, ForecastRun, ForecastSeries, SeriesFilter } from './forecasts.service.ts';
