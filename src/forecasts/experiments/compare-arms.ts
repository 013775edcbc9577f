import { ratioWithInterval, type Estimate } from '../../engine/index.ts';
import { pairedPValue } from './statistics.ts';

/** Sums over the days of one product, of both versions on the same days: `a` is the champion, `b` the version tried. */
export interface ProductSums {
  readonly product: number;
  readonly series: number;
  /** (series, day) pairs. */
  readonly count: number;
  readonly units: number;
  readonly absoluteA: number;
  readonly absoluteB: number;
  readonly errorA: number;
  readonly errorB: number;
  readonly insideA: number;
  readonly insideB: number;
}

/** One version on the products it serves. Null where nothing was sold. */
export interface ArmReport {
  readonly products: number;
  readonly series: number;
  readonly pairs: number;
  readonly units: number;
  readonly wape: Estimate | null;
  readonly bias: number | null;
  /** Share of the actuals inside P10..P90. */
  readonly coverage: number | null;
}

/** Both versions on the same days of all products. */
export interface PairedReport {
  readonly products: number;
  readonly wapeA: number;
  readonly wapeB: number;
  /** WAPE of b less that of a: below 0 where b is better. */
  readonly difference: Estimate;
  readonly pValue: number;
  /** Which is better, at 5 %. */
  readonly better: 'a' | 'b' | 'undecided';
}

const SIGNIFICANCE = 0.05;

/**
 * Compares two versions by the days that came in: each on the products it serves, and both on all products. Products are
 * the unit of split, of resampling and of the paired test, since the days and places of one resemble each other.
 * @param servedByB products that b serves
 */
export function compareArms(
  sums: readonly ProductSums[],
  servedByB: ReadonlySet<number>,
): { readonly a: ArmReport; readonly b: ArmReport; readonly paired: PairedReport | null } {
  return {
    a: armOf(
      sums.filter(({ product }) => !servedByB.has(product)),
      'A',
    ),
    b: armOf(
      sums.filter(({ product }) => servedByB.has(product)),
      'B',
    ),
    paired: pair(sums),
  };
}

function total(sums: readonly ProductSums[], of: (sum: ProductSums) => number): number {
  return sums.reduce((whole, sum) => whole + of(sum), 0);
}

function armOf(sums: readonly ProductSums[], arm: 'A' | 'B'): ArmReport {
  const units = total(sums, (sum) => sum.units);
  const pairs = total(sums, (sum) => sum.count);
  return {
    products: sums.length,
    series: total(sums, (sum) => sum.series),
    pairs,
    units,
    wape: ratioWithInterval(
      sums.map((sum) => sum[`absolute${arm}`]),
      sums.map((sum) => sum.units),
    ),
    bias: units > 0 ? total(sums, (sum) => sum[`error${arm}`]) / units : null,
    coverage: pairs > 0 ? total(sums, (sum) => sum[`inside${arm}`]) / pairs : null,
  };
}

function pair(sums: readonly ProductSums[]): PairedReport | null {
  const units = sums.map((sum) => sum.units);
  const differences = sums.map(({ absoluteA, absoluteB }) => absoluteB - absoluteA);
  const difference = ratioWithInterval(differences, units);
  if (!difference) return null;
  const pValue = pairedPValue(differences);
  const all = total(sums, (sum) => sum.units);
  return {
    products: sums.length,
    wapeA: total(sums, (sum) => sum.absoluteA) / all,
    wapeB: total(sums, (sum) => sum.absoluteB) / all,
    difference,
    pValue,
    better: pValue > SIGNIFICANCE || difference.value === 0 ? 'undecided' : difference.value < 0 ? 'b' : 'a',
  };
}
