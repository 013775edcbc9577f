import { SEGMENTS } from '../ensemble/segments.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';
import type { Origin } from './origin.ts';
import { SUFFICIENCY_NAMES, type DatasetFacts } from './types.ts';

/** Describes a panel as it was found. @param panel before demand was estimated where its sales were cut */
export function describePanel({ segmentOf, sufficiency }: Origin, panel: Panel): DatasetFacts {
  const observed = observedDays(panel);
  let units = 0;
  let days = 0;
  let zeros = 0;
  let stockouts = 0;
  for (let i = 0; i < observed.length; i++) {
    if (panel.inStock !== null && panel.inStock[i] === 0 && panel.sales[i] >= 0) stockouts++;
    if (observed[i] === 0) continue;
    days++;
    units += panel.sales[i];
    if (panel.sales[i] === 0) zeros++;
  }
  const tally = <T extends string>(names: readonly T[], codes: Uint8Array) => {
    const counts = Object.fromEntries(names.map((name) => [name, 0])) as Record<T, number>;
    for (const code of codes) counts[names[code]]++;
    return counts;
  };
  return {
    seriesCount: panel.seriesCount,
    periodCount: panel.periodCount,
    startPeriod: panel.startPeriod,
    endDay: panel.startPeriod + panel.periodCount - 1,
    totalUnits: units,
    zeroShare: days > 0 ? zeros / days : 0,
    stockoutDays: stockouts,
    demandClasses: tally(SEGMENTS, segmentOf),
    sufficiency: tally(SUFFICIENCY_NAMES, sufficiency),
  };
}
