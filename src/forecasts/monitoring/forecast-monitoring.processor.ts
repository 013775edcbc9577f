import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { forecastBias } from '../../platform/metrics/metrics.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';
import { DRIFT_RULES, driftOf } from './drift.ts';
import { liveAccuracy } from './live-accuracy.ts';
import { findAnomalies, scoreDay } from './watch-day.ts';

/** Days looked at again whenever sales came in: corrections of older days do not matter any more. */
const AGAIN_DAYS = 14;

/**
 * Compares what was forecast with what was sold, as it comes in: accuracy of each vintage, days that nobody expected, and
 * whether the champion still does what it did on the days held out.
 */
@Injectable()
@QueueProcessor('forecast-monitoring')
export class ForecastMonitoringProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly registry: RegistryService,
    private readonly alerts: AlertsService,
    private readonly requests: ForecastRequests,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    const [clock] = await this.dataSource.query<
      { loads: string; seen: string; business: string | null; until: string | null }[]
    >(
      `SELECT d.load_sequence AS loads, m.load_sequence AS seen, d.business_date AS business, m.date AS until
       FROM data_clock AS d CROSS JOIN monitoring_clock AS m`,
    );
    if (clock.business === null || clock.loads === clock.seen) return { days: 0 };
    const last = dayOf(clock.business);
    const first = Math.max(
      await this.firstForecastDay(last),
      Math.min(clock.until ? dayOf(clock.until) + 1 : 0, last - AGAIN_DAYS + 1),
    );
    for (let day = first; day <= last; day++) {
      if (context.signal.aborted) throw new JobStoppedError('Stopped between two days');
      context.progress((100 * (day - first)) / (last - first + 1), 'watching', isoOf(day));
      await this.watch(isoOf(day));
    }
    const drift = await this.champion(clock.business);
    await this.dataSource.query('UPDATE monitoring_clock SET load_sequence = $1, date = $2', [
      clock.loads,
      clock.business,
    ]);
    return { days: Math.max(0, last - first + 1), ...drift };
  }

  /** The first day that any run that still stands has forecast. */
  private async firstForecastDay(last: number): Promise<number> {
    const [{ first }] = await this.dataSource.query<{ first: string | null }[]>(
      'SELECT min(business_date) AS first FROM forecast_runs WHERE archived_at IS NULL AND published_at IS NOT NULL',
    );
    return first === null ? last + 1 : dayOf(first) + 1;
  }

  private async watch(date: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await scoreDay(manager, date);
      const series = await findAnomalies(manager, date);
      const key = `forecast.anomalies:${date}`;
      const run = (sql: string, parameters: unknown[]) => manager.query(sql, parameters);
      if (series === 0) return this.alerts.settle(key, run);
      return this.alerts.raise(
        {
          kind: 'forecast.anomalies',
          severity: 'info',
          subject: `${series} series sold what nobody expected on ${date}`,
          detail: { date, series },
          dedupeKey: key,
        },
        run,
      );
    });
  }

  /** Looks at the champion: its bias, and whether it drifts; then a new one is trained. */
  private async champion(businessDate: string): Promise<Record<string, unknown>> {
    const champion = await this.registry.champion();
    if (!champion) return {};
    const scope = {
      model: champion.id,
      from: isoOf(dayOf(businessDate) - DRIFT_RULES.days + 1),
      longestHorizon: DRIFT_RULES.longestHorizon,
    };
    const [live] = await liveAccuracy(this.dataSource, scope, 'all');
    const days = await liveAccuracy(this.dataSource, scope, 'date');
    if (live?.bias !== null && live?.bias !== undefined)
      forecastBias.set({ model_version: champion.version }, 100 * live.bias);
    const reasons = driftOf(live, days.length, champion.metrics.evaluation?.ensemble.wape ?? null);
    const key = `model.drift:${champion.version}`;
    if (reasons.length === 0) {
      await this.alerts.settle(key);
      return { drift: [] };
    }
    await this.alerts.raise({
      kind: 'model.drift',
      severity: 'warning',
      subject: `Model ${champion.version} drifts: ${reasons.join('; ')}`,
      detail: { model_version: champion.version, live, days: days.length },
      dedupeKey: key,
    });
    const training = await this.retrain(businessDate);
    return { drift: reasons, ...(training ? { training_job_id: training } : {}) };
  }

  /** Versions that failed the gate count as well, or each load of sales would start the same training again. */
  private async retrain(businessDate: string): Promise<string | null> {
    const [{ newest }] = await this.dataSource.query<{ newest: string }[]>(
      `SELECT to_char(max(train_end), 'YYYY-MM-DD') AS newest FROM model_versions`,
    );
    if (dayOf(businessDate) - dayOf(newest) < DRIFT_RULES.cooldownDays) return null;
    return (await this.requests.train({})).id;
  }
}
