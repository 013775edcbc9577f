import type { Booster } from './types.ts';

/** Total loss reduction by feature name, every feature listed, largest first (ties by name). */
export function featureImportance(booster: Booster): Map<string, number> {
  const total = new Float64Array(booster.featureNames.length);
  const { feature, gain } = booster.forest;
  for (let node = 0; node < feature.length; node++) if (feature[node] >= 0) total[feature[node]] += gain[node];
  const entries = booster.featureNames.map((name, f): [string, number] => [name, total[f]]);
  entries.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(entries);
}
