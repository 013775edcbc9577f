import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FREQUENCIES, MAX_HORIZON, type Budget, type Frequency } from '../engine/index.ts';
import { UsageError } from './input-error.ts';
import type { ReadOptions } from './read-options.ts';

export const USAGE = `Usage: npm run forecast -- --layout long|m5 --sales FILE --out FILE.csv [options]

  --layout long|m5      long: a line per series and period; m5: a line per series with columns d_1, d_2, …
  --sales FILE          the history, CSV or CSV.gz; several files: separated by commas, or the option again
  --out FILE.csv        where the forecast goes
  --train-until DATE    last period trained on, YYYY-MM-DD (m5 also d_N); the last one of the file if absent
  --horizon H           periods ahead; if absent 168 hours, 28 days, 13 weeks or 12 months
  --frequency F         hourly, daily, weekly or monthly; seen from the dates if absent; coarser than the file adds up
  --known NAMES         columns that are planned ahead, such as price,promotion; m5: price if absent, none = nothing
  --prices FILE         m5: weekly prices; needs --calendar
  --calendar FILE       m5: dates, events and SNAP days
  --events FILE         named days: columns date and name
  --date-order dmy|mdy  what 03/04/2024 means, where the file leaves it open
  --evaluate FILE       actual sales in the same layout (may be the sales file): accuracy is printed and written
                        to the forecast's name with .metrics.json
  --hold-out N          judge the model on the last N periods as well, before the final fit: half as long again (0)
  --budget B            quick, standard or thorough (default)
  --network             a neural network competes with the other models; minutes more on large files
  --seed N              seed of every random choice (1)
  --threads N           threads that share the training; as many as there are cores, up to 8, if absent
  --help                show this text`;

/** What the command was asked to do. */
export interface ForecastArguments {
  readonly layout: 'long' | 'm5';
  readonly read: ReadOptions;
  readonly out: string;
  readonly evaluate: readonly string[];
  /** Periods held out to judge the model on; 0 = none. */
  readonly holdOut: number;
  readonly budget: Budget;
  /** Whether a neural network competes too. */
  readonly network: boolean;
  readonly seed: number;
  readonly threads: number;
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const OPTIONS = {
  layout: text,
  sales: texts,
  prices: texts,
  calendar: text,
  events: text,
  known: texts,
  frequency: text,
  'train-until': text,
  horizon: text,
  out: text,
  evaluate: texts,
  seed: text,
  budget: text,
  'hold-out': text,
  threads: text,
  'date-order': text,
  network: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the command line.
 * @param from folder that relative paths start at
 * @throws UsageError
 */
export function parseForecastArguments(args: string[], from: string): ForecastArguments | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const list = (entries: string[] | undefined) =>
    (entries ?? []).flatMap((entry) => entry.split(',')).flatMap((entry) => entry.trim() || []);
  const files = (entries: string[] | undefined) => list(entries).map((file) => resolve(from, file));
  const file = (entry: string | undefined) => (entry === undefined ? null : resolve(from, entry));
  const sales = files(values.sales);
  if (args.length === 0) return 'help';
  if (sales.length === 0) throw new UsageError('--sales is missing');
  if (values.out === undefined) throw new UsageError('--out is missing');
  const layout = oneOf('layout', values.layout ?? 'long', ['long', 'm5'] as const);
  for (const option of ['prices', 'calendar'] as const)
    if (layout === 'long' && values[option] !== undefined)
      throw new UsageError(
        `--${option} belongs to --layout m5; in the long layout prices are a column of the sales, and --events names days`,
      );
  return {
    layout,
    read: {
      sales,
      prices: files(values.prices),
      calendar: file(values.calendar),
      events: file(values.events),
      known: values.known === undefined ? null : list(values.known),
      frequency: values.frequency === undefined ? null : oneOf<Frequency>('frequency', values.frequency, FREQUENCIES),
      trainUntil: values['train-until'] ?? null,
      horizon: values.horizon === undefined ? null : whole('horizon', values.horizon, 1, MAX_HORIZON),
      dateOrder:
        values['date-order'] === undefined ? null : oneOf('date-order', values['date-order'], ['dmy', 'mdy'] as const),
    },
    out: resolve(from, values.out),
    evaluate: files(values.evaluate),
    budget: oneOf<Budget>('budget', values.budget ?? 'thorough', ['quick', 'standard', 'thorough']),
    network: values.network ?? false,
    holdOut: whole('hold-out', values['hold-out'] ?? '0', 0, MAX_HORIZON),
    seed: whole('seed', values.seed ?? '1', 0, 2 ** 31 - 1),
    threads:
      values.threads === undefined ? Math.min(8, availableParallelism()) : whole('threads', values.threads, 1, 64),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((entry) => entry === value);
  if (found === undefined) throw new UsageError(`--${option} ${value}: expected ${allowed.join(', ')}`);
  return found;
}

function whole(option: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < least || number > most)
    throw new UsageError(`--${option} ${value}: expected a whole number from ${least} to ${most}`);
  return number;
}
