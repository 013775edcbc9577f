import type { Booster } from './types.ts';

/** What counts: the loss reduction of a feature's splits, how many they are, or the training rows that met them. */
export type ImportanceMeasure = 'gain' | 'splits' | 'cover';

/** How {@link featureImportance} measures. */
export interface ImportanceOptions {
  /** 'gain' if absent. */
  readonly measure?: ImportanceMeasure;
  /** True for shares that sum to 1 (all 0 when no tree has a split); raw totals if absent. */
  readonly normalised?: boolean;
}

/** Importance by feature name, every feature listed, largest first (ties by name); total loss reduction by default. */
export function featureImportance(
  { featureNames, forest }: Booster,
  { measure = 'gain', normalised = false }: ImportanceOptions = {},
): Map<string, number> {
  const { feature, gain, cover } = forest;
  const total = new Float64Array(featureNames.length);
  let sum = 0;
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] < 0) continue;
    const amount = measure === 'gain' ? gain[node] : measure === 'cover' ? cover[node] : 1;
    total[feature[node]] += amount;
    sum += amount;
  }
  const scale = normalised && sum > 0 ? sum : 1;
  const entries = featureNames.map((name, f): [string, number] => [name, total[f] / scale]);
  entries.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(entries);
}
