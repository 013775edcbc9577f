import { groupBy, groupByCategoryAndLocation, type SeriesGroups } from '../series/groups.ts';
import type { PlanSource } from './plan-source.ts';
import { isPushed } from './pushes.ts';
import type { DemandResponse } from './response.ts';
import type { RowSpan } from './row-span.ts';
import type { PlanSignal } from './spec.ts';

/** What is planned for the products of a shelf, or for a product at all its places: means over the series. */
export interface GroupPlans {
  readonly groups: SeriesGroups;
  /** Periods of the panel and of the plan after it. */
  readonly periods: number;
  /** `[groups * periods]` per signal. */
  readonly means: ReadonlyMap<PlanSignal, Float32Array>;
}

/** Means of the plans of the groups in every period whose plan is known. */
export function groupPlans(source: PlanSource, response: DemandResponse, group: 'product' | 'shelf'): GroupPlans {
  const { panel, futurePeriods } = source;
  const groups = group === 'product' ? groupBy(panel.product) : groupByCategoryAndLocation(panel);
  const periods = panel.periodCount + futurePeriods;
  const size = groups.count * periods;
  const cut = new Float32Array(size);
  const promotion = new Float32Array(size);
  const pushed = new Float32Array(size);
  const flags = response.flagNames.map(() => new Float32Array(size));
  const seriesOf = new Float64Array(groups.count);
  const regular = new Float64Array(panel.periodCount + 1);
  for (let s = 0; s < panel.seriesCount; s++) {
    const at = groups.groupOf[s] * periods;
    seriesOf[groups.groupOf[s]]++;
    response.regularPrices(s, regular);
    for (let t = 0; t < periods; t++) {
      const numbers = response.numbersOf(s, t, regular[Math.min(t, panel.periodCount)]);
      cut[at + t] += numbers[1];
      promotion[at + t] += numbers[2];
      flags.forEach((sums, f) => (sums[at + t] += numbers[3 + f]));
      if (isPushed(numbers)) pushed[at + t]++;
    }
  }
  const means = new Map<PlanSignal, Float32Array>([
    ['cut', cut],
    ['promotion', promotion],
    ['pushed', pushed],
    ...flags.map((sums, f) => [`flag_${response.flagNames[f]}`, sums] as const),
  ]);
  for (const sums of means.values()) for (let i = 0; i < size; i++) sums[i] /= seriesOf[Math.floor(i / periods)];
  return { groups, periods, means };
}

/** Mean of a signal over the group's series in the target period. */
export function fillGroupPlan(
  { groups, periods, means }: GroupPlans,
  series: number,
  { target, from, to }: RowSpan,
  out: Float32Array,
  signal: PlanSignal,
) {
  const values = means.get(signal);
  if (!values) return void out.fill(NaN, from, to);
  const at = groups.groupOf[series] * periods;
  for (let row = from; row < to; row++) out[row] = target[row] < periods ? values[at + target[row]] : NaN;
}
