import type { Covariate, SeriesAttribute } from '../engine/index.ts';
import { meanCells, type Cells } from './fill-cells.ts';
import { MOST_FLAGS, type LongTable, type NumberColumn, type TextColumn } from './long-table.ts';

/** The series kept and what they share. */
export interface SeriesShape {
  /** Index of each kept series in the table. */
  readonly series: readonly number[];
  readonly product: Int32Array;
  readonly location: Int32Array;
  readonly periodCount: number;
  readonly horizon: number;
}

/** A numeric column whose value never changes within a series, as codes per series. */
interface ConstantColumn {
  readonly name: string;
  readonly codes: Int32Array;
}

/**
 * Makes covariates of the numeric columns without a meaning of their own; one that is the same for all series, or for
 * all of a location, is kept once for them. What is not known ahead ends with the training.
 */
export function covariatesOf(
  columns: readonly NumberColumn[],
  cells: { readonly past: Cells; readonly ahead: Cells; readonly whole: Cells },
  shape: SeriesShape,
  known: ReadonlySet<string>,
): { readonly covariates: Covariate[]; readonly constant: ConstantColumn[]; readonly notes: string[] } {
  const covariates: Covariate[] = [];
  const constant: ConstantColumn[] = [];
  const notes: string[] = [];
  for (const { name, values } of columns) {
    const isKnown = known.has(name);
    const stride = shape.periodCount + (isKnown ? shape.horizon : 0);
    const means = meanCells(isKnown ? cells.whole : cells.past, values);
    const codes = constantCodes(means, stride, shape.series.length, () => meanCells(cells.ahead, values));
    if (codes) {
      if (new Set(codes).size > 1) constant.push({ name, codes });
      else notes.push(`column ${name} is the same everywhere and was ignored`);
      continue;
    }
    const everywhere = new Int32Array(shape.series.length);
    const shared = mergeRows(means, stride, everywhere) ?? mergeRows(means, stride, shape.location);
    const rows = shared ?? { rowOf: Int32Array.from(shape.series.keys()), values: means };
    if (isKnown) closeGaps(rows.values, stride);
    covariates.push({ name, known: isKnown, stride, ...rows });
  }
  return { covariates, constant, notes };
}

/** Flags of the texts of a column that changes within series and is planned ahead; the most frequent one needs none. */
export function flagsOf({ name, rows, texts }: TextColumn, count: number): NumberColumn[] {
  if (rows === null) return [];
  const counts = new Array<number>(texts.size).fill(0);
  for (let row = 0; row < count; row++) if (rows[row] >= 0) counts[rows[row]]++;
  const usual = counts.indexOf(Math.max(...counts));
  return counts.flatMap((_, code) =>
    code === usual
      ? []
      : [
          {
            name: `${name}=${texts.textOf(code)}`,
            values: Float32Array.from({ length: count }, (__, row) => (rows[row] === code ? 1 : 0)),
          },
        ],
  );
}

/**
 * Fills the gaps of a column known ahead, row by row: a flag is off, any other value stays what it was. Files often lack
 * the rows of periods without a sale; a gap left open would tell the model of just these.
 */
export function closeGaps(values: Float32Array, stride: number): void {
  const isFlag = values.every((value) => value === 0 || value === 1 || Number.isNaN(value));
  for (let from = 0; from < values.length; from += stride) {
    let last = isFlag ? 0 : NaN;
    for (let i = from; i < from + stride; i++) {
      if (Number.isNaN(values[i])) values[i] = last;
      else if (!isFlag) last = values[i];
    }
  }
}

/** @param ahead values of the horizon: what is constant in every history describes a new series by its plans */
function constantCodes(
  values: Float32Array,
  stride: number,
  count: number,
  ahead: () => Float32Array,
): Int32Array | null {
  const codes = new Int32Array(count);
  let later: Float32Array | null = null;
  const codeOf = new Map<number, number>();
  for (let s = 0; s < count; s++) {
    let first = NaN;
    for (let i = s * stride; i < (s + 1) * stride; i++) {
      if (Number.isNaN(values[i])) continue;
      if (Number.isNaN(first)) first = values[i];
      else if (values[i] !== first) return null;
    }
    if (Number.isNaN(first)) {
      later ??= ahead();
      const width = later.length / count;
      first = later.subarray(s * width, (s + 1) * width).find((value) => !Number.isNaN(value)) ?? NaN;
    }
    codes[s] = codeOf.get(first) ?? codeOf.set(first, codeOf.size).size - 1;
  }
  return codes;
}

/** One row per group if its series never disagree, else null. */
function mergeRows(
  values: Float32Array,
  stride: number,
  group: Int32Array,
): { readonly rowOf: Int32Array; readonly values: Float32Array } | null {
  const groups = group.reduce((most, code) => Math.max(most, code), 0) + 1;
  if (groups === group.length && groups > 1) return null;
  const merged = new Float32Array(groups * stride).fill(NaN);
  for (let s = 0; s < group.length; s++)
    for (let t = 0; t < stride; t++) {
      const value = values[s * stride + t];
      const at = group[s] * stride + t;
      if (Number.isNaN(value)) continue;
      if (Number.isNaN(merged[at])) merged[at] = value;
      else if (merged[at] !== value) return null;
    }
  return { rowOf: group, values: merged };
}

/** The category and further properties of the series; a text that changes within a series is left out with a note. */
export function attributesOf(
  table: LongTable,
  constant: readonly ConstantColumn[],
  shape: SeriesShape,
  known: ReadonlySet<string>,
): { readonly category: Int32Array; readonly attributes: SeriesAttribute[]; readonly notes: string[] } {
  const notes: string[] = [];
  const codesOf = (column: TextColumn) => compact(shape.series.map((s) => column.codes[s] ?? -1));
  const texts = table.texts.flatMap((column) => {
    if (!column.varies) return [{ name: column.name, codes: codesOf(column) }];
    if (column.rows === null)
      notes.push(`column ${column.name} changes within series and has more than ${MOST_FLAGS} texts; it was ignored`);
    else if (!known.has(column.name))
      notes.push(
        `column ${column.name} changes within series and was ignored; if it is planned ahead, name it in --known`,
      );
    return [];
  });
  let category = new Int32Array(shape.series.length);
  if (table.category && !table.category.varies) category = codesOf(table.category);
  else if (table.category) notes.push(`column ${table.category.name} changes within series and was ignored`);
  const attributes = [...texts, ...constant].flatMap(({ name, codes }): SeriesAttribute[] => {
    const byProduct = follows(codes, shape.product);
    const place = !byProduct && follows(codes, shape.location);
    const distinct = new Set(codes).size;
    // A second name of the product or the place says nothing that its code does not.
    const same = new Set(place ? shape.location : shape.product).size;
    if (distinct < 2 || distinct >= same) return [];
    return [{ name, of: place ? 'place' : 'product', codes }];
  });
  return { category, attributes, notes };
}

/** Whether series with the same key always have the same code. */
function follows(codes: Int32Array, key: Int32Array): boolean {
  const first = new Map<number, number>();
  return codes.every((code, s) => {
    const known = first.get(key[s]);
    if (known === undefined) first.set(key[s], code);
    return known === undefined || known === code;
  });
}

function compact(codes: readonly number[]): Int32Array<ArrayBuffer> {
  const seen = new Map<number, number>();
  return Int32Array.from(codes, (code) => seen.get(code) ?? seen.set(code, seen.size).size - 1);
}
