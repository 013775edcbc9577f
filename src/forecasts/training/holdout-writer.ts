import type { Client } from 'pg';
import { CopyIn } from '../../platform/database/index.ts';
import { centralLevels } from './forecast-rows.ts';
import type { HoldOutSeries } from './holdout-rows.ts';

/**
 * Keeps a model's forecasts of the held-out days beside what was sold, so that every measure can be computed again.
 * @param startPeriod first held-out day, counted from 1970-01-01
 */
export async function writeHoldOut(
  client: Client,
  model: number,
  series: readonly HoldOutSeries[],
  startPeriod: number,
  levels: readonly number[],
): Promise<void> {
  await copyScales(client, model, series);
  const { p10, p50, p90 } = centralLevels(levels);
  const copy = new CopyIn(
    client,
    `COPY holdout_forecasts (model, product, location, date, horizon, actual, mean, seasonal_naive, p10, p50, p90, quantiles)
     FROM STDIN (FORMAT binary)`,
  );
  const quantiles = new Float32Array(levels.length);
  const { writer } = copy;
  for (const one of series) {
    for (let h = 0; h < one.actual.length; h++) {
      if (!(one.actual[h] >= 0)) continue;
      one.quantiles.forEach((values, level) => (quantiles[level] = values[h]));
      writer.row(12);
      writer.int32(model);
      writer.int32(one.product);
      writer.int32(one.location);
      writer.date(startPeriod + h);
      writer.int16(h + 1);
      writer.float32(one.actual[h]);
      writer.float32(one.mean[h]);
      writer.float32(one.seasonalNaive[h]);
      writer.float32(quantiles[p10]);
      writer.float32(quantiles[p50]);
      writer.float32(quantiles[p90]);
      writer.float32Array(quantiles);
    }
    await copy.flush();
  }
  await copy.finish();
}

async function copyScales(client: Client, model: number, series: readonly HoldOutSeries[]): Promise<void> {
  const copy = new CopyIn(
    client,
    'COPY holdout_scales (model, product, location, mean_absolute, mean_squared) FROM STDIN (FORMAT binary)',
  );
  for (const one of series) {
    copy.writer.row(5);
    copy.writer.int32(model);
    copy.writer.int32(one.product);
    copy.writer.int32(one.location);
    copy.writer.float64(one.meanAbsolute);
    copy.writer.float64(one.meanSquared);
    await copy.flush();
  }
  await copy.finish();
}
