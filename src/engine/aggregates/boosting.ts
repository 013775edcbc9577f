import type { CalendarTable } from '../features/calendar.ts';
import {
  DEFAULT_BOOSTER_PARAMS,
  predictBooster,
  trainBooster,
  type Booster,
  type FeatureColumns,
} from '../gbdt/index.ts';
import { createRng } from '../rng.ts';
import { TRAITS, type Frequency } from '../series/frequency.ts';
import type { GroupSeries } from './group-series.ts';

export interface AggregateBoosterSettings {
  readonly frequency: Frequency;
  readonly horizon: number;
  /** Targets reach back at most so many periods. */
  readonly window: number;
  readonly rowsPerGroup: number;
  readonly trees: number;
  readonly seeds: readonly number[];
  readonly threads: number;
}

const { exp, log, min, max, floor } = Math;
/** Days to the next and since the last event count up to this. */
const EVENT_CAP = 30;
/** Fewest rows worth a model. */
const FEWEST_ROWS = 300;

/** Prefix sums of one group's units over the periods that count. */
interface Sums {
  readonly units: Float64Array;
  readonly count: Float64Array;
}

/**
 * Fits boosted trees on the logarithm of (units + 1) over the mean of the last same-season periods, all groups in one
 * model with the horizon as a feature. Rows are drawn as for the pooled model of the items. Returns no booster where
 * the history is too short.
 */
export function fitTotals(
  groups: readonly GroupSeries[],
  calendar: CalendarTable,
  settings: AggregateBoosterSettings,
): Booster[] {
  const rows = new RowBuilder(groups, calendar, settings);
  const boosters: Booster[] = [];
  for (const seed of settings.seeds) {
    const { data, target } = rows.sample(seed);
    if (target.length < FEWEST_ROWS) return [];
    boosters.push(
      trainBooster(
        data,
        target,
        null,
        {
          ...DEFAULT_BOOSTER_PARAMS,
          trees: settings.trees,
          maxLeaves: 31,
          learningRate: 0.06,
          minRowsPerLeaf: max(10, min(60, floor(target.length / 500))),
          featureFraction: 0.6,
          rowFraction: 0.8,
          seed,
        },
        { threads: settings.threads },
      ),
    );
  }
  return boosters;
}

/** Forecasts the periods after the history with what {@link fitTotals} gave. @returns units `[groups * horizon]` */
export function predictTotals(
  boosters: readonly Booster[],
  groups: readonly GroupSeries[],
  calendar: CalendarTable,
  settings: Pick<AggregateBoosterSettings, 'frequency' | 'horizon'>,
): Float64Array {
  const { data, base } = new RowBuilder(groups, calendar, settings).ahead();
  const out = new Float64Array(base.length);
  for (const booster of boosters) {
    const prediction = predictBooster(booster, data);
    for (let i = 0; i < out.length; i++) out[i] += max(0, exp(prediction[i]) * (base[i] + 1) - 1) / boosters.length;
  }
  return out;
}

/** Builds the rows of the model: one per (group, target period, periods ahead). */
class RowBuilder {
  private readonly sums: Sums[];
  private readonly names: string[];
  private readonly season: number;
  private readonly year: number;

  constructor(
    private readonly groups: readonly GroupSeries[],
    private readonly calendar: CalendarTable,
    private readonly settings: Pick<AggregateBoosterSettings, 'frequency' | 'horizon'> &
      Partial<AggregateBoosterSettings>,
  ) {
    const traits = TRAITS[settings.frequency];
    this.season = traits.season;
    this.year = traits.year;
    this.sums = groups.map(({ units, use }) => prefixSums(units, use));
    this.names = [
      ...['ahead', 'weekday', 'day_of_month', 'month', 'week', 'event', 'nearest_event', 'event_distance'],
      ...['to_event', 'since_event', 'category', 'location', 'short_trend', 'long_trend', 'middle_trend', 'year_trend'],
      ...['season_2', 'season_4', 'season_8', 'year_season', 'year_ahead'],
      ...groups[0].signals.flatMap(({ name }) => [name, `${name}_before`]),
    ];
  }

  sample(seed: number) {
    const { horizon, window = Infinity, rowsPerGroup = 1 } = this.settings;
    const rng = createRng(seed);
    const keys: number[] = [];
    this.groups.forEach(({ first, use }, g) => {
      const end = use.length;
      const from = max(end - window, first + 8 * this.season + horizon);
      if (from >= end - horizon) return;
      const rows = min(rowsPerGroup, 4 * (end - from));
      for (let i = 0; i < rows; i++) {
        const target = from + floor(rng() * (end - from));
        const origin = target - floor(rng() * horizon);
        if (use[target] === 1) keys.push(g, target, origin);
      }
    });
    const built = this.build(keys);
    const target = new Float32Array(keys.length / 3);
    for (let row = 0; row < target.length; row++) {
      const { units } = this.groups[keys[3 * row]];
      target[row] = log((units[keys[3 * row + 1]] + 1) / (built.base[row] + 1));
    }
    return { data: built.data, target };
  }

  ahead() {
    const end = this.groups[0].units.length;
    const keys: number[] = [];
    for (let g = 0; g < this.groups.length; g++)
      for (let h = 0; h < this.settings.horizon; h++) keys.push(g, end + h, end);
    return this.build(keys);
  }

  private build(keys: readonly number[]): { data: FeatureColumns; base: Float64Array } {
    const rowCount = keys.length / 3;
    const columns = this.names.map(() => new Float32Array(rowCount));
    const base = new Float64Array(rowCount);
    const row = new Float64Array(this.names.length);
    for (let r = 0; r < rowCount; r++) {
      base[r] = this.fill(keys[3 * r], keys[3 * r + 1], keys[3 * r + 2], row);
      for (let c = 0; c < columns.length; c++) columns[c][r] = row[c];
    }
    return { data: { names: this.names, columns, rowCount }, base };
  }

  /** Writes one row and returns the mean of the last eight periods in the target's season. */
  private fill(g: number, target: number, origin: number, row: Float64Array): number {
    const { calendar, season, year } = this;
    const { signals, category, location } = this.groups[g];
    const mean = (from: number, to: number) => windowMean(this.sums[g], from, min(to, origin));
    const recent = mean(origin - 4 * season, origin);
    const scale = log(recent + 1);
    const ratio = (value: number) => log(value + 1) - scale;
    const inSeason = (count: number) => this.seasonMean(g, target, origin, count);
    const base = inSeason(8);
    let at = 0;
    row[at++] = target - origin + 1;
    row[at++] = calendar.weekday[target];
    row[at++] = calendar.dayOfMonth[target];
    row[at++] = calendar.month[target];
    row[at++] = calendar.week[target];
    row[at++] = calendar.event[target];
    row[at++] = calendar.nearestEvent[target];
    row[at++] = calendar.eventDistance[target];
    row[at++] = eventGap(calendar, target, 1);
    row[at++] = eventGap(calendar, target, -1);
    row[at++] = category;
    row[at++] = location;
    row[at++] = ratio(mean(origin - season, origin));
    row[at++] = ratio(mean(origin - 16 * season, origin));
    row[at++] = ratio(mean(origin - 8 * season, origin));
    row[at++] = ratio(mean(target - year - 2 * season, target - year + 2 * season));
    row[at++] = ratio(inSeason(2));
    row[at++] = ratio(inSeason(4));
    row[at++] = ratio(base);
    const lastYear = mean(origin - year - 4 * season, origin - year);
    row[at++] = log((mean(target - year - 3, target - year + 4) + 1) / (lastYear + 1));
    row[at++] = log((windowMean(this.sums[g], target - year, min(target - year + 1, origin)) + 1) / (lastYear + 1));
    const before = target - season * Math.ceil((target - origin + 1) / season);
    for (const { values } of signals) {
      row[at++] = values[target];
      row[at++] = before >= 0 ? values[before] : NaN;
    }
    return base;
  }

  private seasonMean(g: number, target: number, origin: number, count: number): number {
    const { units, use } = this.groups[g];
    let latest = target - this.season * Math.ceil((target - origin + 1) / this.season);
    let sum = 0;
    let seen = 0;
    for (let i = 0; i < count && latest >= 0; i++, latest -= this.season) {
      if (use[latest] === 0) continue;
      sum += units[latest];
      seen++;
    }
    return seen > 0 ? sum / seen : 0;
  }
}

function prefixSums(units: Float64Array, use: Uint8Array): Sums {
  const sums = { units: new Float64Array(units.length + 1), count: new Float64Array(units.length + 1) };
  for (let t = 0; t < units.length; t++) {
    sums.units[t + 1] = sums.units[t] + (use[t] === 1 ? units[t] : 0);
    sums.count[t + 1] = sums.count[t] + use[t];
  }
  return sums;
}

function windowMean({ units, count }: Sums, from: number, to: number): number {
  const start = max(0, from);
  if (to <= start) return NaN;
  const seen = count[to] - count[start];
  return seen > 0 ? (units[to] - units[start]) / seen : NaN;
}

/** Periods to the next (`direction` 1) or since the last (-1) event; capped. */
function eventGap(calendar: CalendarTable, target: number, direction: 1 | -1): number {
  for (let gap = direction === 1 ? 0 : 1; gap < EVENT_CAP; gap++) {
    const t = target + gap * direction;
    if (t < 0 || t >= calendar.event.length) break;
    if (calendar.event[t] > 0) return gap;
  }
  return EVENT_CAP;
}
