import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { dayFromCivil, type Covariate, type FuturePlan, type Panel } from '../../src/engine/index.ts';

/** Weekly sales of products in stores; all arrays `[seriesCount * weeks]`, a week without a sale is 0. */
export interface Frat {
  readonly seriesCount: number;
  readonly weeks: number;
  /** Last day of week 0, from 1970-01-01. */
  readonly startDay: number;
  readonly units: Float32Array;
  /** Of a week without a sale the base price. */
  readonly price: Float32Array;
  /** Of a week without a sale that of the week before it. */
  readonly basePrice: Float32Array;
  /** In the store's leaflet, on display, reduced without either: 1 or 0. */
  readonly feature: Float32Array;
  readonly display: Float32Array;
  readonly reduced: Float32Array;
  readonly product: Int32Array;
  readonly store: Int32Array;
  readonly category: Int32Array;
}

/** Reads `transactions.csv.gz` and `products.csv`. @param keepStore whether to take the n-th store */
export function readFrat(folder: string, keepStore: (store: number) => boolean): Frat {
  const category = categories(readFileSync(join(folder, 'products.csv'), 'utf8'));
  const [header, ...lines] = gunzipSync(readFileSync(join(folder, 'transactions.csv.gz')))
    .toString('latin1')
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const at = (name: string) => header.indexOf(name);
  const stores = new Map<string, number>();
  const rows = lines.filter((cells) => keepStore(code(stores, cells[at('store_id')])));
  const days = rows.map((cells) => dayOf(cells[at('week_end_date')]));
  const startDay = days.reduce((a, b) => Math.min(a, b));
  const weeks = (days.reduce((a, b) => Math.max(a, b)) - startDay) / 7 + 1;
  const keys = new Map<string, number>();
  const series = rows.map((cells) => code(keys, `${cells[at('store_id')]},${cells[at('upc_id')]}`));
  const column = () => new Float32Array(keys.size * weeks);
  const codes = () => new Int32Array(keys.size);
  const frat = {
    seriesCount: keys.size,
    weeks,
    startDay,
    units: column(),
    price: column(),
    basePrice: column(),
    feature: column(),
    display: column(),
    reduced: column(),
    product: codes(),
    store: codes(),
    category: codes(),
  };
  const products = new Map<string, number>();
  const kinds = new Map<string, number>();
  rows.forEach((cells, row) => {
    const s = series[row];
    const cell = s * weeks + (days[row] - startDay) / 7;
    frat.units[cell] = Number(cells[at('units')]);
    frat.price[cell] = Number(cells[at('price')]);
    frat.basePrice[cell] = Number(cells[at('base_price')]);
    frat.feature[cell] = Number(cells[at('feature')]);
    frat.display[cell] = Number(cells[at('display')]);
    frat.reduced[cell] = Number(cells[at('tpr_only')]);
    frat.product[s] = code(products, cells[at('upc_id')]);
    frat.store[s] = code(stores, cells[at('store_id')]);
    frat.category[s] = code(kinds, category.get(cells[at('upc_id')]) ?? '');
  });
  for (let s = 0; s < frat.seriesCount; s++) fillPrices(frat, s);
  return frat;
}

/** A panel of the series known at an origin. */
export interface FratPanel {
  readonly panel: Panel;
  readonly future: FuturePlan;
  /** Row in the arrays of {@link Frat} of each series. */
  readonly rows: Int32Array;
}

/**
 * The first `origin` weeks as a panel, and the plans of the `horizon` weeks after them. Series without a sale before the
 * origin are left out: that they exist is known from later sales alone.
 */
export function fratPanel(frat: Frat, origin: number, horizon: number): FratPanel {
  const { weeks } = frat;
  const all = Int32Array.from({ length: frat.seriesCount }, (_, s) => s);
  const firstSale = all.map((s) => frat.units.subarray(s * weeks, s * weeks + origin).findIndex((units) => units > 0));
  const rows = all.filter((s) => firstSale[s] >= 0);
  const seriesCount = rows.length;
  const cut = (values: Float32Array, from: number, to: number) => {
    const out = new Float32Array(seriesCount * (to - from));
    rows.forEach((row, s) => out.set(values.subarray(row * weeks + from, row * weeks + to), s * (to - from)));
    return out;
  };
  const sales = cut(frat.units, 0, origin);
  const firstPeriod = rows.map((row) => firstSale[row]);
  firstPeriod.forEach((first, s) => sales.fill(NaN, s * origin, s * origin + first));
  const rowOf = Int32Array.from({ length: seriesCount }, (_, s) => s);
  const covariate = (name: string, values: Float32Array): Covariate => ({
    name,
    known: true,
    rowOf,
    values: cut(values, 0, origin + horizon),
    stride: origin + horizon,
  });
  return {
    rows,
    panel: {
      frequency: 'weekly',
      startPeriod: frat.startDay,
      periodCount: origin,
      seriesCount,
      sales,
      price: cut(frat.price, 0, origin),
      promotion: cut(frat.feature, 0, origin),
      inStock: null,
      product: rows.map((row) => frat.product[row]),
      location: rows.map((row) => frat.store[row]),
      category: rows.map((row) => frat.category[row]),
      covariates: [
        covariate('display', frat.display),
        covariate('reduced', frat.reduced),
        covariate('base_price', frat.basePrice),
      ],
      firstPeriod,
    },
    future: {
      price: cut(frat.price, origin, origin + horizon),
      promotion: cut(frat.feature, origin, origin + horizon),
    },
  };
}

function code(codes: Map<string, number>, name: string): number {
  const known = codes.get(name) ?? codes.size;
  codes.set(name, known);
  return known;
}

function dayOf(text: string): number {
  const [year, month, day] = text.split('-').map(Number);
  return dayFromCivil(year, month, day);
}

function categories(csv: string): Map<string, string> {
  const [header, ...rows] = csv
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return new Map(rows.map((cells) => [cells[0], cells[header.indexOf('category')]]));
}

/** A price that is missing would tell, where prices are known ahead, that nothing will be sold. */
function fillPrices({ weeks, price, basePrice }: Pick<Frat, 'weeks' | 'price' | 'basePrice'>, series: number): void {
  let base = NaN;
  for (let cell = series * weeks; cell < (series + 1) * weeks; cell++) {
    if (basePrice[cell] > 0) base = basePrice[cell];
    else basePrice[cell] = base;
    if (!(price[cell] > 0)) price[cell] = base;
  }
}
