import { isPlanned, type Panel } from '../series/panel.ts';
import type { InputPlan, NeuralData, NeuralSettings } from './types.ts';

/** Columns for the most frequent codes of a property; the others share none. */
const MAX_CODES = 32;
/** Columns for the events that occur most often. */
const MAX_EVENTS = 32;

/** The properties of the series that a network may know. The product itself is left out: it would be learnt by heart. */
export function propertiesOf(panel: Panel): Int32Array[] {
  return [panel.category, panel.location, ...(panel.attributes ?? []).map(({ codes }) => codes)];
}

function mostFrequent<T extends string | number>(values: Iterable<T>, most: number): T[] {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const ascending = (a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
  return [...counts.keys()]
    .sort((a, b) => counts.get(b)! - counts.get(a)! || ascending(a, b))
    .slice(0, most)
    .sort(ascending);
}

/** Decides on the inputs of a network from the data it will learn from. */
export function planInputs({ panel, events }: NeuralData, settings: NeuralSettings): InputPlan {
  const covariates = (panel.covariates ?? []).filter(isPlanned);
  return {
    frequency: panel.frequency ?? 'daily',
    horizon: settings.horizon,
    known: {
      price: settings.known.price && panel.price !== null,
      promotion: settings.known.promotion && panel.promotion !== null,
    },
    events: mostFrequent(
      events.map(({ name }) => name),
      MAX_EVENTS,
    ),
    // A property that all series share says nothing.
    codes: propertiesOf(panel).map((codes) => {
      const kept = mostFrequent(codes, MAX_CODES);
      return kept.length > 1 ? kept : [];
    }),
    covariates: covariates.map(({ name, values }) => {
      let count = 0;
      let sum = 0;
      let squares = 0;
      for (const value of values) {
        if (Number.isNaN(value)) continue;
        count++;
        sum += value;
        squares += value * value;
      }
      const mean = count ? sum / count : 0;
      const variance = count ? squares / count - mean * mean : 0;
      return { name, mean, deviation: variance > 1e-12 ? Math.sqrt(variance) : 1 };
    }),
  };
}
