import { TRAITS, type Frequency } from '../series/frequency.ts';

/** How the history before an origin is read at several rates, as N-HiTS does. All lengths are counted in periods. */
export interface Rates {
  /** Periods read one by one. */
  readonly window: number;
  /** Means over blocks, counted back from the origin. */
  readonly pools: readonly { readonly width: number; readonly blocks: number }[];
  /** Means over the same phase of the last repetitions of a season. */
  readonly seasonMeans: readonly { readonly season: number; readonly count: number }[];
  /** Periods over which a series is scaled. */
  readonly scaleSpan: number;
  /** Observed periods before an origin without which a window teaches nothing. */
  readonly minimum: number;
}

const WINDOWS: Readonly<Record<Frequency, Pick<Rates, 'window' | 'pools' | 'scaleSpan' | 'minimum'>>> = {
  hourly: {
    window: 168,
    pools: [
      { width: 24, blocks: 14 },
      { width: 168, blocks: 8 },
    ],
    scaleSpan: 672,
    minimum: 48,
  },
  daily: {
    window: 56,
    pools: [
      { width: 7, blocks: 16 },
      { width: 28, blocks: 13 },
    ],
    scaleSpan: 56,
    minimum: 14,
  },
  weekly: {
    window: 26,
    pools: [
      { width: 4, blocks: 13 },
      { width: 13, blocks: 8 },
    ],
    scaleSpan: 26,
    minimum: 8,
  },
  monthly: {
    window: 24,
    pools: [
      { width: 3, blocks: 8 },
      { width: 12, blocks: 3 },
    ],
    scaleSpan: 12,
    minimum: 6,
  },
};

/** Rates at which a network reads series of a frequency. */
export function ratesOf(frequency: Frequency): Rates {
  const { season, longSeason, seasonMeans } = TRAITS[frequency];
  return {
    ...WINDOWS[frequency],
    seasonMeans: [
      ...seasonMeans.slice(0, 2).map((count) => ({ season, count })),
      ...(longSeason === null ? [] : [{ season: longSeason, count: 4 }]),
    ],
  };
}
