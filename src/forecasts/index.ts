export { ForecastsModule } from './forecasts.module.ts';
export { ForecastsService } from './forecasts.service.ts';
export type { DailyForecast, ForecastRun, ForecastSeries, SeriesFilter } from './forecasts.service.ts';
