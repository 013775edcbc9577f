import { readCsv } from './csv-file.ts';
import { ByteDictionary } from './dictionary.ts';
import type { ReadHooks } from './forecast-input.ts';
import { InputError } from './input-error.ts';
import type { M5Calendar } from './m5-calendar.ts';
import type { M5Sales } from './m5-sales.ts';

/** Prices of every series, NaN before it was listed. */
export interface M5Prices {
  /** `[series * days trained on]`. */
  readonly past: Float32Array;
  /** `[series * horizon]`. */
  readonly ahead: Float32Array;
}

/**
 * Spreads weekly prices (store_id, item_id, wm_yr_wk, sell_price) over the days of their weeks.
 * @throws InputError if a column is missing or a price is no number
 */
export async function readM5Prices(
  files: readonly string[],
  sales: M5Sales,
  calendar: M5Calendar,
  horizon: number,
  hooks: ReadHooks,
): Promise<M5Prices> {
  const days = sales.last - sales.first + 1;
  const past = new Float32Array(sales.ids.length * days).fill(NaN);
  const ahead = new Float32Array(sales.ids.length * horizon).fill(NaN);
  const weeks = weekSpans(calendar, sales.first);
  await visitM5Prices(
    files,
    sales,
    (s, week, price) => {
      const span = weeks.get(week);
      if (!span) return;
      const { from, to } = span;
      if (from < days) past.fill(price, s * days + Math.max(0, from), s * days + Math.min(days, to));
      if (to > days)
        ahead.fill(price, s * horizon + Math.max(0, from - days), s * horizon + Math.min(horizon, to - days));
    },
    hooks,
  );
  return { past, ahead };
}

/**
 * Gives every price of a series that has sales to `onPrice`, with the number of the series and `wm_yr_wk`.
 * @throws InputError if a column is missing or a price is no number
 */
export async function visitM5Prices(
  files: readonly string[],
  sales: M5Sales,
  onPrice: (series: number, week: number, price: number) => void,
  hooks: ReadHooks,
): Promise<void> {
  const stores = sales.stores.names.length;
  const seriesOf = new Int32Array(sales.items.names.length * stores).fill(-1);
  sales.keys.forEach(({ item, store }, s) => (seriesOf[item * stores + store] = s));
  const storeOf = new Map(sales.stores.names.map((name, code) => [name, code]));
  const itemOf = new Map(sales.items.names.map((name, code) => [name, code]));
  for (const [index, file] of files.entries()) {
    const storeTexts = new ByteDictionary();
    const itemTexts = new ByteDictionary();
    const storeCodes: number[] = [];
    const itemCodes: number[] = [];
    const at = { store_id: -1, item_id: -1, wm_yr_wk: -1, sell_price: -1 };
    await readCsv(
      file,
      {
        onHeader: (names) => {
          for (const name of Object.keys(at) as (keyof typeof at)[]) {
            at[name] = names.indexOf(name);
            if (at[name] < 0) throw new InputError(`${file}, line 1: there is no column ${name}`);
          }
        },
        onRecord: (record) => {
          const storeText = record.codeIn(storeTexts, at.store_id);
          const store = (storeCodes[storeText] ??= storeOf.get(record.text(at.store_id)) ?? -1);
          const itemText = record.codeIn(itemTexts, at.item_id);
          const item = (itemCodes[itemText] ??= itemOf.get(record.text(at.item_id)) ?? -1);
          const s = store < 0 || item < 0 ? -1 : seriesOf[item * stores + store];
          if (s >= 0) onPrice(s, record.number(at.wm_yr_wk), record.number(at.sell_price));
        },
      },
      { ...hooks, onProgress: (share) => hooks.onProgress?.((index + share) / files.length) },
    );
  }
}

/** Days of each price week as a half-open range of periods; the first and last week may be cut. */
function weekSpans(calendar: M5Calendar, first: number): Map<number, { from: number; to: number }> {
  const spans = new Map<number, { from: number; to: number }>();
  calendar.weeks.forEach((week, index) => {
    const period = calendar.numbers[index] - first;
    const span = spans.get(week);
    if (span) span.to = period + 1;
    else spans.set(week, { from: period, to: period + 1 });
  });
  // A week that ends before the first period must not count from the end.
  for (const [week, { to }] of spans) if (to <= 0) spans.delete(week);
  return spans;
}
