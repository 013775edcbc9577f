import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import type { Job } from '../../platform/queue/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import type { StartedRun } from '../../platform/workflow/index.ts';
import { dayOf } from '../../signals/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';
import { judgedScope } from './champion-accuracy.ts';
import { DRIFT_RULES, driftOf } from './drift.ts';
import { inputShifts, shiftReasons } from './input-drift.ts';
import { liveAccuracy } from './live-accuracy.ts';
import { findAnomalies, scoreDay, STREAK_DAYS } from './watch-day.ts';
import { watchSpikes } from './watch-spikes.ts';

/** Days before the latest of which a spike is still told. */
const SPIKE_NEWS_DAYS = 7;

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
    const [clock] = await this.dataSource.query<{ loads: string; seen: string; business: string | null }[]>(
      `SELECT d.load_sequence AS loads, m.load_sequence AS seen, d.business_date AS business
       FROM data_clock AS d CROSS JOIN monitoring_clock AS m`,
    );
    if (clock.business === null || clock.loads === clock.seen) return { days: 0 };
    const { loads, seen, business } = clock;
    const days = await this.daysToJudge(seen, loads, business);
    for (const [done, day] of days.entries()) {
      if (context.signal.aborted) throw new JobStoppedError('Stopped between two days');
      context.progress((100 * done) / days.length, 'watching', day);
      await this.watch(day, business);
    }
    const verdict = await this.champion(business);
    // With the success or not at all: tried again, nothing of it is raised or started twice.
    context.onSuccess(async (manager) => {
      await manager.query('UPDATE monitoring_clock SET load_sequence = $1, date = $2', [loads, business]);
      return verdict ? this.react(manager, verdict, business) : [];
    });
    return { days: days.length, ...(verdict ? { drift: verdict.reasons } : {}) };
  }

  /**
   * The days whose sales have changed from one load to another, and those after them that a streak may reach. Days before
   * the first that a run which still stands has forecast have nothing to judge.
   */
  private async daysToJudge(seen: string, loads: string, businessDate: string): Promise<string[]> {
    const rows = await this.dataSource.query<{ date: string }[]>(
      `SELECT DISTINCT d.date + later AS date
       FROM sales_daily AS d CROSS JOIN generate_series(0, $4::int) AS later
       WHERE d.load_sequence > $1 AND d.load_sequence <= $2 AND d.date + later <= $3 AND d.date + later > (
         SELECT min(business_date) FROM forecast_runs WHERE archived_at IS NULL AND published_at IS NOT NULL)
       ORDER BY 1`,
      [seen, loads, businessDate, STREAK_DAYS - 1],
    );
    return rows.map(({ date }) => date);
  }

  private async watch(date: string, businessDate: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await scoreDay(manager, date);
      const series = await findAnomalies(manager, date);
      // A spike of long ago is no news to anybody.
      if (dayOf(businessDate) - dayOf(date) <= SPIKE_NEWS_DAYS) await watchSpikes(manager, this.alerts, date);
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

  /** Looks at the champion: its bias, and why it drifts, if it does. Null without a champion. */
  private async champion(businessDate: string): Promise<Verdict | null> {
    const champion = await this.registry.champion();
    if (!champion) return null;
    const scope = judgedScope(champion.id, businessDate);
    const [live] = await liveAccuracy(this.dataSource, scope, 'all');
    const days = await liveAccuracy(this.dataSource, scope, 'date');
    const shifts = await inputShifts(this.dataSource, champion.trainEnd, businessDate);
    return {
      version: champion.version,
      reasons: [
        ...driftOf(live, days.length, champion.metrics.evaluation?.ensemble.wape ?? null),
        ...shiftReasons(shifts),
      ],
      detail: { live, days: days.length, shifts },
    };
  }

  /** Raises or settles the alert about a champion's drift, and has a new one trained. @returns jobs to wake */
  private async react(
    manager: EntityManager,
    { version, reasons, detail }: Verdict,
    businessDate: string,
  ): Promise<readonly Job[]> {
    const run = (sql: string, parameters: unknown[]) => manager.query(sql, parameters);
    const key = `model.drift:${version}`;
    if (reasons.length === 0) {
      await this.alerts.settle(key, run);
      return [];
    }
    const training = await this.retrain(manager, businessDate);
    await this.alerts.raise(
      {
        kind: 'model.drift',
        severity: 'warning',
        subject: `Model ${version} drifts: ${reasons.join('; ')}`,
        detail: { model_version: version, ...detail, training_job_id: training?.run.id ?? null },
        dedupeKey: key,
      },
      run,
    );
    return training?.due ?? [];
  }

  /** Versions that failed the gate count as well, or each load of sales would start the same training again. */
  private async retrain(manager: EntityManager, businessDate: string): Promise<StartedRun | null> {
    const [{ newest }] = await manager.query<{ newest: string }[]>(
      `SELECT to_char(max(train_end), 'YYYY-MM-DD') AS newest FROM model_versions`,
    );
    if (dayOf(businessDate) - dayOf(newest) < DRIFT_RULES.cooldownDays) return null;
    return this.requests.create(manager, 'train');
  }
}

/** How a champion was found. */
interface Verdict {
  readonly version: string;
  /** Why it drifts; empty where it does not. */
  readonly reasons: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
