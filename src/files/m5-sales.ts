import { readCsv } from './csv-file.ts';
import { numberIn } from './csv-number.ts';
import { Codes, type ReadHooks } from './forecast-input.ts';
import { InputError } from './input-error.ts';

/** Codes of one series. */
export interface M5Key {
  readonly item: number;
  readonly department: number;
  readonly category: number;
  readonly store: number;
  readonly state: number;
}

/** Sales of the wide layout. */
export interface M5Sales {
  readonly ids: readonly string[];
  readonly keys: readonly M5Key[];
  readonly items: Codes;
  readonly departments: Codes;
  readonly stores: Codes;
  readonly states: Codes;
  /** Numbers of the first and last day kept. */
  readonly first: number;
  readonly last: number;
  /** `[series * days]`, NaN where the cell is empty. */
  readonly units: Float32Array;
  /** Quantities below zero, which were read as zero. */
  readonly negatives: number;
}

const POINT = 46;

/**
 * Reads the days up to `until` of one or several files.
 * @param takes whether the series of a store are wanted
 * @throws InputError if a column is missing or the files do not fit together
 */
export async function readM5Sales(
  files: readonly string[],
  until: number,
  hooks: ReadHooks,
  takes: (store: string) => boolean = () => true,
): Promise<M5Sales> {
  const ids: string[] = [];
  const keys: M5Key[] = [];
  const [items, departments, categories, stores, states] = Array.from({ length: 5 }, () => new Codes());
  const seen = new Set<string>();
  let units = new Float32Array(0);
  let first = -1;
  let last = -1;
  let negatives = 0;
  for (const [index, file] of files.entries()) {
    let layout: Layout = { columns: [], firstField: 0, first: 0, days: 0 };
    await readCsv(
      file,
      {
        onHeader: (names) => {
          layout = layoutOf(file, names, until);
          const end = layout.first + layout.days - 1;
          if (first >= 0 && (layout.first !== first || end !== last))
            throw new InputError(`${file}, line 1: the days differ from those of ${files[0]}`);
          first = layout.first;
          last = end;
        },
        onRecord: (record) => {
          const [id, item, department, category, store, state] = layout.columns.map((column) => record.text(column));
          if (!takes(store)) return;
          if (seen.has(id)) throw record.error(layout.columns[0], `the series ${id} was already there`);
          seen.add(id);
          const { days } = layout;
          const to = ids.length * days;
          if (to + days > units.length) {
            const grown = new Float32Array(Math.max(256 * days, 2 * units.length));
            grown.set(units);
            units = grown;
          }
          const { bytes, starts, ends } = record;
          for (let t = 0, field = layout.firstField; t < days; t++, field++) {
            const start = starts[field];
            const digit = bytes[start] - 48;
            // Most cells are a single digit.
            if (ends[field] - start === 1 && digit >= 0 && digit <= 9) units[to + t] = digit;
            else {
              const value = numberIn(bytes, start, ends[field], POINT);
              if (value === undefined) throw record.error(field, `"${record.text(field)}" is not a number`);
              if (value < 0) negatives++;
              units[to + t] = value < 0 ? 0 : value;
            }
          }
          ids.push(id);
          keys.push({
            item: items.of(item),
            department: departments.of(department),
            category: categories.of(category),
            store: stores.of(store),
            state: states.of(state),
          });
        },
      },
      { ...hooks, onProgress: (share) => hooks.onProgress?.((index + share) / files.length) },
    );
  }
  // What was grown too far would travel along to the training's thread.
  const used = ids.length * (last - first + 1);
  return { ids, keys, items, departments, stores, states, first, last, units: units.slice(0, used), negatives };
}

/** Where a file's columns are. */
interface Layout {
  /** Fields of id, item, department, category, store and state. */
  readonly columns: readonly number[];
  /** Field, number and count of the days kept. */
  readonly firstField: number;
  readonly first: number;
  readonly days: number;
}

function layoutOf(file: string, names: readonly string[], until: number): Layout {
  const columns = ['id', 'item_id', 'dept_id', 'cat_id', 'store_id', 'state_id'].map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new InputError(`${file}, line 1: there is no column ${name}; is this the m5 layout?`);
    return at;
  });
  const firstField = names.findIndex((name) => /^d_\d+$/.test(name));
  if (firstField < 0) throw new InputError(`${file}, line 1: there are no columns d_1, d_2, …`);
  const first = Number(names[firstField].slice(2));
  let days = 0;
  while (names[firstField + days] === `d_${first + days}` && first + days <= until) days++;
  const next = names[firstField + days];
  if (next !== undefined && first + days <= until)
    throw new InputError(`${file}, line 1: the column ${next} stands where d_${first + days} should`);
  if (days === 0) throw new InputError(`${file}, line 1: no day is on or before the end of training, d_${until}`);
  return { columns, firstField, first, days };
}
