import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, EntityManager } from 'typeorm';
import { JobContext, JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { threadFile } from '../../platform/threads/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { compute } from '../training/compute.ts';
import { PanelLoader } from '../training/panel-loader.ts';
import type { AvailabilityInput, AvailabilityOutput } from './availability-types.ts';

/** Days that are looked at again each time, since late files and corrections change them. */
const WINDOW_DAYS = 91;
/** Days before them that tell what is ordinary. */
const CONTEXT_DAYS = 91;
/** Rows of one INSERT. */
const BATCH_ROWS = 10_000;

/** Finds out on which days sales did not tell the demand, and what was in demand where nothing was left. */
@Injectable()
@QueueProcessor('availability')
export class AvailabilityProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly panels: PanelLoader,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<Record<string, never>>): Promise<Record<string, unknown>> {
    context.progress(0, 'loading', 'Reading the sales of the last months');
    const loaded = await this.panels.load(context.signal, { days: WINDOW_DAYS + CONTEXT_DAYS });
    if (!loaded) return { days: 0 };
    const { panel, businessDate } = loaded;
    const until = dayOf(businessDate);
    const fromDay = Math.max(panel.startPeriod, until - WINDOW_DAYS + 1);
    context.progress(50, 'estimating', 'Estimating what was in demand');
    const found = await compute<AvailabilityInput, AvailabilityOutput>(
      threadFile(import.meta.url, 'availability.thread'),
      { panel, fromDay },
      { signal: context.signal, onProgress: () => undefined },
    );
    context.onSuccess((manager) => replaceDays(manager, isoOf(fromDay), businessDate, found));
    return { from: isoOf(fromDay), to: businessDate, days: found.state.length };
  }
}

async function replaceDays(manager: EntityManager, from: string, to: string, found: AvailabilityOutput): Promise<void> {
  await manager.query('DELETE FROM availability_days WHERE date BETWEEN $1 AND $2', [from, to]);
  const known = (value: number) => (Number.isNaN(value) ? null : value);
  for (let begin = 0; begin < found.state.length; begin += BATCH_ROWS) {
    const end = begin + BATCH_ROWS;
    await manager.query(
      `INSERT INTO availability_days (date, product, location, state, sold, demand, price)
       SELECT date '1970-01-01' + day, product, location, state, sold, demand, price
       FROM unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::real[], $6::real[], $7::float8[])
         AS row (day, product, location, state, sold, demand, price)`,
      [
        Array.from(found.day.subarray(begin, end)),
        Array.from(found.product.subarray(begin, end)),
        Array.from(found.location.subarray(begin, end)),
        found.state.slice(begin, end),
        Array.from(found.sold.subarray(begin, end), known),
        Array.from(found.demand.subarray(begin, end), known),
        Array.from(found.price.subarray(begin, end), known),
      ],
    );
  }
}
