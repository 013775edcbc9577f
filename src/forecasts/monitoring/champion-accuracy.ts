import type { DataSource } from 'typeorm';
import { dayOf, isoOf } from '../../signals/index.ts';
import { DRIFT_RULES } from './drift.ts';
import { liveAccuracy, LiveAccuracy, LiveScope } from './live-accuracy.ts';

/** The days and horizons by which a champion is judged: the last two weeks of forecasts for the week ahead. */
export function judgedScope(model: number, businessDate: string): LiveScope {
  return {
    model,
    from: isoOf(dayOf(businessDate) - DRIFT_RULES.days + 1),
    longestHorizon: DRIFT_RULES.longestHorizon,
  };
}

/** How the champion has done lately; null while there is none, or nothing to judge it by. */
export async function championAccuracy(
  source: DataSource,
): Promise<{ readonly version: string; readonly live: LiveAccuracy } | null> {
  const [champion] = await source.query<{ id: number; version: string; date: string | null }[]>(
    `SELECT m.id, m.version, c.business_date AS date FROM model_versions AS m CROSS JOIN data_clock AS c WHERE m.stage = 'champion'`,
  );
  if (!champion || champion.date === null) return null;
  const [live] = await liveAccuracy(source, judgedScope(champion.id, champion.date), 'all');
  return live ? { version: champion.version, live } : null;
}
