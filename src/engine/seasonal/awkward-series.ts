import type { Rng } from '../rng.ts';
import { CAP_FACTOR, type LocalSeries } from './history.ts';
import type { LocalModel, LocalModelOptions } from './local-models.ts';

const { exp, floor, max, sin } = Math;

/** The kinds of series that make careless models fail. */
export const AWKWARD_KINDS = [
  'empty',
  'one_point',
  'all_zero',
  'constant',
  'constant_with_gaps',
  'spike',
  'huge',
  'tiny',
  'sporadic',
  'not_numbers',
  'mostly_gaps',
  'gap_at_end',
  'steep_climb',
  'collapse',
  'explosion',
  'alternating',
  'step',
  'season_with_zeros',
  'noise',
] as const;

/** A series that stands in the middle of larger arrays, as those of a panel do. */
export interface AwkwardSeries extends LocalSeries {
  readonly kind: (typeof AWKWARD_KINDS)[number];
}

const SEASONS: readonly (readonly number[])[] = [[7], [12], [24, 168], [52], [4], [1], []];

/** Draws a series of a random awkward kind, up to `longest` periods long, none negative where it is observed. */
export function awkwardSeries(rng: Rng, longest: number): AwkwardSeries {
  const kind = AWKWARD_KINDS[floor(rng() * AWKWARD_KINDS.length)];
  const length = floor(rng() * (longest + 1));
  const level = exp(rng() * 12 - 3);
  const season = 2 + floor(rng() * 24);
  const gaps = rng() < 0.4 ? rng() * 0.5 : 0;
  const event = floor(rng() * length);
  const offset = floor(rng() * 5);
  const values = new Float32Array(offset + length + 3).fill(NaN);
  const observed = new Uint8Array(values.length);
  const draw = (t: number): number => {
    switch (kind) {
      case 'empty':
        return NaN;
      case 'one_point':
        return t === event ? level : NaN;
      case 'all_zero':
        return 0;
      case 'constant':
      case 'constant_with_gaps':
        return kind === 'constant' || rng() < 0.6 ? level : NaN;
      case 'spike':
        return t === event ? 1e6 * level : rng() < 0.5 ? 0 : level;
      case 'huge':
        return floor(1e9 * (1 + rng()));
      case 'tiny':
        return 1e-30 * rng();
      case 'sporadic':
        return rng() < 0.05 ? 1 + floor(rng() * level) : 0;
      case 'not_numbers':
        return [NaN, Infinity, -Infinity, -1, level, 0, 3e38][floor(rng() * 7)];
      case 'mostly_gaps':
        return rng() < 0.04 ? level * rng() : NaN;
      case 'gap_at_end':
        return t < event ? level * rng() : NaN;
      case 'steep_climb':
        return t * t * level;
      case 'collapse':
        return max(0, level * (length / 2 - t));
      case 'explosion':
        return 1.2 ** Math.min(t, 250);
      case 'alternating':
        return t % 2 === 0 ? level : 0;
      case 'step':
        return t < event ? level : 1000 * level;
      case 'season_with_zeros':
        return max(0, level * sin((2 * Math.PI * t) / season));
      case 'noise':
        return level * rng();
    }
  };
  for (let t = 0; t < length; t++) {
    values[offset + t] = draw(t);
    observed[offset + t] = (kind === 'not_numbers' || values[offset + t] >= 0) && rng() >= gaps ? 1 : 0;
  }
  return { kind, values, observed, offset, first: floor(rng() * 2), end: length };
}

/**
 * What is wrong with a model's forecast of a series, or null: a value that is not a number, negative or beyond
 * CAP_FACTOR times the greatest usable value, a spread that is no number or negative, or an exception.
 */
export function violationOf(model: LocalModel, series: AwkwardSeries, rng: Rng): string | null {
  const seasons = SEASONS[floor(rng() * SEASONS.length)];
  const horizon = 1 + floor(rng() * 40);
  const out = new Float32Array(horizon + 2).fill(-7);
  const sd = new Float32Array(horizon + 2);
  const holidays = Uint8Array.from({ length: series.values.length + 50 }, (_, t) => (t % 31 === 4 ? 1 + (t % 2) : 0));
  const options: LocalModelOptions = { sd, holidays, year: rng() < 0.5 ? 365.25 : undefined };
  let greatest = 0;
  for (let t = series.first; t < series.end; t++) {
    const at = series.offset + t;
    if (series.observed[at] === 1 && series.values[at] <= 1e15) greatest = max(greatest, series.values[at]);
  }
  const cap = CAP_FACTOR * greatest;
  try {
    model(series, seasons, horizon, out, 1, options);
  } catch (error) {
    return `threw ${String(error)}`;
  }
  if (out[0] !== -7 || out[horizon + 1] !== -7) return 'wrote outside its place';
  for (let h = 1; h <= horizon; h++) {
    if (!(out[h] >= 0 && out[h] <= cap)) return `forecast ${out[h]} outside 0..${cap}`;
    if (!(sd[h] >= 0 && sd[h] < Infinity)) return `spread ${sd[h]}`;
  }
  return null;
}
