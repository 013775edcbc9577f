import { segmentOfSeries, sufficiencyOf } from '../ensemble/segments.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';

/**
 * Draws series that stand for all: laid in a line by demand class and within it by sales, one is drawn from each of `count`
 * equal stretches, so that every class and size has its share.
 * @returns ascending indices; all of them where there are no more
 */
export function sampleSeries(panel: Panel, count: number, seed: number): Int32Array {
  const { seriesCount, periodCount } = panel;
  const all = Int32Array.from({ length: seriesCount }, (_, s) => s);
  if (count >= seriesCount) return all;
  const observed = observedDays(panel);
  const segments = segmentOfSeries(panel, observed, sufficiencyOf(panel, observed));
  const units = Float64Array.from(all, (s) => {
    let total = 0;
    for (let i = s * periodCount; i < (s + 1) * periodCount; i++) if (observed[i] === 1) total += panel.sales[i];
    return total;
  });
  const line = all.sort((a, b) => segments[a] - segments[b] || units[a] - units[b] || a - b);
  const rng = createRng(seed);
  return Int32Array.from({ length: count }, (_, i) => {
    const at = Math.floor(((i + rng()) * seriesCount) / count);
    return line[Math.min(seriesCount - 1, at)];
  }).sort();
}

/** A panel of some of the series, in the order given; signals that several series share stay as they are. */
export function selectSeries(panel: Panel, series: Int32Array): Panel {
  const { periodCount } = panel;
  const rows = <T extends Float32Array | Uint8Array>(values: T, out: T): T => {
    series.forEach((s, row) => out.set(values.subarray(s * periodCount, (s + 1) * periodCount), row * periodCount));
    return out;
  };
  const numbers = (values: Float32Array) => rows(values, new Float32Array(series.length * periodCount));
  const codes = (values: Int32Array) => series.map((s) => values[s]);
  return {
    ...panel,
    seriesCount: series.length,
    sales: numbers(panel.sales),
    price: panel.price && numbers(panel.price),
    promotion: panel.promotion && numbers(panel.promotion),
    inStock: panel.inStock && rows(panel.inStock, new Uint8Array(series.length * periodCount)),
    product: codes(panel.product),
    location: codes(panel.location),
    category: codes(panel.category),
    attributes: panel.attributes?.map((attribute) => ({ ...attribute, codes: codes(attribute.codes) })),
    covariates: panel.covariates?.map((covariate) => ({ ...covariate, rowOf: codes(covariate.rowOf) })),
    firstPeriod: codes(panel.firstPeriod),
    lastPeriod: panel.lastPeriod && codes(panel.lastPeriod),
  };
}
