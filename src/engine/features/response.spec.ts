import { describe, expect, it } from '@jest/globals';
import { demandPanel } from '../../../test/support/demand-panels.ts';
import { createRng } from '../rng.ts';
import { observedDays } from '../series/availability.ts';
import type { Panel } from '../series/panel.ts';
import { buildCalendar } from './calendar.ts';
import { featureSource } from './history.ts';
import { isPushed, pushesOf, regularPrices, writePushes } from './pushes.ts';
import { computeFeatures, type RowKeys } from './rows.ts';
import { featureSchema } from './schema.ts';

const WEEKS = 120;
const HAS = {
  frequency: 'weekly',
  price: true,
  promotion: true,
  events: false,
  knownPrice: true,
  knownPromotion: true,
  covariates: [{ name: 'display', known: true, flag: true }],
} as const;

/** Six products in four places; demand answers to price by the power -2, to leaflet and display by factors 3 and 2. */
function pushedPanel(neverPromoted = -1): Panel {
  const products = 6;
  const base = demandPanel({ products, locations: 4, days: WEEKS });
  const rng = createRng(5);
  const size = base.sales.length;
  const draw = (share: number) => Float32Array.from({ length: size }, () => (rng() < share ? 1 : 0));
  const promotion = draw(0.1);
  const display = draw(0.1);
  const cuts = draw(0.12);
  for (let i = 0; i < size; i++)
    if (base.product[Math.floor(i / WEEKS)] === neverPromoted) promotion[i] = display[i] = cuts[i] = 0;
  const price = Float32Array.from(cuts, (cut, i) => (1 + (Math.floor(i / WEEKS) % 5)) * (cut > 0 ? 0.7 : 1));
  const sales = Float32Array.from({ length: size }, (_, i) => {
    const level = 40 + 10 * (Math.floor(i / WEEKS) % 7);
    return Math.round(level * 3 ** promotion[i] * 2 ** display[i] * (cuts[i] > 0 ? 0.7 ** -2 : 1));
  });
  const rowOf = Int32Array.from({ length: base.seriesCount }, (_, s) => s);
  return {
    ...base,
    frequency: 'weekly',
    sales,
    price,
    promotion,
    covariates: [{ name: 'display', known: true, rowOf, values: display, stride: WEEKS }],
    firstPeriod: new Int32Array(base.seriesCount),
  };
}

function sourceOf(panel: Panel) {
  return featureSource(panel, observedDays(panel), buildCalendar(panel.startPeriod, 140, [], [], 'weekly'), null);
}

function columnsAt(panel: Panel, origin: number, targets: readonly number[]) {
  const size = panel.seriesCount * targets.length;
  const keys: RowKeys = {
    series: Int32Array.from({ length: size }, (_, i) => Math.floor(i / targets.length)),
    origin: new Int32Array(size).fill(origin),
    target: Int32Array.from({ length: size }, (_, i) => targets[i % targets.length]),
  };
  const { names, columns } = computeFeatures(sourceOf(panel), featureSchema(HAS), keys);
  return { keys, of: (name: string) => columns[names.indexOf(name)] };
}

describe('response of demand', () => {
  it('is the one that made the sales', () => {
    const panel = pushedPanel();
    const { keys, of } = columnsAt(panel, 110, [110, 112, 115]);
    const lift = of('response_lift');
    const expected = of('response_mean_0.3');
    keys.series.forEach((s, row) => {
      const at = s * WEEKS + keys.target[row];
      const display = panel.covariates![0].values[at];
      const cut = panel.price![at] < 0.9 * (1 + (s % 5)) ? 2 * Math.log(1 / 0.7) : 0;
      const both = panel.promotion![at] * display;
      const made = panel.promotion![at] * Math.log(3) + display * Math.log(2) + cut;
      // Hardly any period has both, so what is particular to that is drawn to 0 or known less well.
      expect(Math.abs(lift[row] - made)).toBeLessThan(both > 0 ? 0.6 : 0.25);
      if (both === 0) expect(Math.abs(expected[row] / panel.sales[at] - 1)).toBeLessThan(0.25);
    });
  });

  it('is borrowed from the category where a product was never pushed', () => {
    const panel = pushedPanel(2);
    const planned = { ...panel, promotion: panel.promotion!.slice() };
    for (let s = 0; s < panel.seriesCount; s++) planned.promotion[s * WEEKS + 119] = 1;
    const { keys, of } = columnsAt(planned, 119, [119]);
    const lift = of('response_lift');
    const own = keys.series.findIndex((s) => panel.product[s] === 2);
    expect(lift[own]).toBeGreaterThan(0.7 * Math.log(3));
    expect(lift[own]).toBeLessThan(1.3 * Math.log(3));
  });

  it('does not know what is sold from the origin on', () => {
    const panel = pushedPanel();
    const changed = { ...panel, sales: panel.sales.map((units, i) => (i % WEEKS >= 100 ? 7 * units + 3 : units)) };
    const names = featureSchema(HAS)
      .map(({ name }) => name)
      .filter((name) => /response|unpushed|plan|regular/.test(name));
    expect(names.length).toBeGreaterThan(10);
    const before = columnsAt(panel, 100, [100, 103]);
    const after = columnsAt(changed, 100, [100, 103]);
    const earlier = columnsAt(changed, 104, [104, 107]);
    for (const name of names) expect(after.of(name)).toEqual(before.of(name));
    expect(earlier.of('response_mean_0.3')).not.toEqual(before.of('response_mean_0.3'));
  });

  it('means without pushes and means of plans are those of their definitions', () => {
    const panel = pushedPanel();
    const { keys, of } = columnsAt(panel, 90, [92]);
    const source = sourceOf(panel);
    const pushes = pushesOf(panel);
    const numbers = new Float64Array(pushes.width);
    const regular = (s: number, t: number) => Math.max(...panel.price!.subarray(s * WEEKS + t - 13, s * WEEKS + t));
    const numbersAt = (s: number, t: number) => {
      writePushes(pushes, source, s, t, regular(s, t), numbers);
      return { pushed: isPushed(numbers), cut: Math.log(panel.price![s * WEEKS + t] / regular(s, t)) };
    };
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const weeks = Array.from({ length: 13 }, (_, w) => 77 + w);
    keys.series.forEach((s, row) => {
      const plain = weeks.filter((t) => !numbersAt(s, t).pushed).map((t) => panel.sales[s * WEEKS + t]);
      expect(of('unpushed_mean_13')[row]).toBeCloseTo(mean(plain), 3);
      expect(of('price_regular_13')[row]).toBeCloseTo(panel.price![s * WEEKS + 92] / regular(s, 90), 5);
      const alike = Array.from(panel.product.keys()).filter((other) => panel.product[other] === panel.product[s]);
      const shares = alike.map((other) => ({
        promotion: panel.promotion![other * WEEKS + 92],
        flag_display: panel.covariates![0].values[other * WEEKS + 92],
        pushed: numbersAt(other, 92).pushed ? 1 : 0,
        cut: numbersAt(other, 92).cut,
      }));
      for (const signal of ['promotion', 'flag_display', 'pushed', 'cut'] as const)
        expect(of(`product_plan_${signal}`)[row]).toBeCloseTo(mean(shares.map((one) => one[signal])), 5);
    });
  });

  it('takes the highest price of the window as the regular one, over gaps too', () => {
    const panel = pushedPanel();
    const rng = createRng(9);
    const price = panel.price!.map(() => (rng() < 0.2 ? NaN : Math.ceil(rng() * 5)));
    const source = sourceOf({ ...panel, price });
    const found = new Float64Array(WEEKS + 1);
    for (let s = 0; s < 3; s++) {
      regularPrices(source, s, 6, found);
      for (let t = 0; t <= WEEKS; t++) {
        const known = [...price.subarray(s * WEEKS + Math.max(0, t - 6), s * WEEKS + t)].filter((one) => one > 0);
        expect(found[t]).toBe(known.length > 0 ? Math.max(...known) : NaN);
      }
    }
  });
});
