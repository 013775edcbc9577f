import type { SalesBlock } from './retail-data.ts';

/** A stretch of sales that is one upload. */
export interface SalesPart {
  /** Month of its first row, `2016-05`. */
  readonly month: string;
  /** To be read to its end before the next part is asked for. */
  readonly content: AsyncGenerator<Uint8Array>;
}

/** What was passed on so far. */
export interface SalesTotals {
  rows: number;
  units: number;
  bytes: number;
}

/**
 * Cuts sales into uploads. A cut falls between months as soon as a part has `target` bytes: a load whose months hold no
 * sales yet is several times faster than one that adds to them. Only what would outgrow `most` is cut within a month.
 * The same sales give the same parts, so that sending them again changes nothing.
 */
export async function* partsOf(
  blocks: AsyncGenerator<SalesBlock>,
  header: string,
  { target, most }: { readonly target: number; readonly most: number },
  totals: SalesTotals,
): AsyncGenerator<SalesPart> {
  let next = await blocks.next();
  async function* content(): AsyncGenerator<Uint8Array> {
    let bytes = header.length + 1;
    let month = next.done ? -1 : next.value.month;
    yield Buffer.from(`${header}\n`);
    while (!next.done) {
      const block = next.value;
      if (bytes > header.length + 1) {
        if (block.month !== month && bytes >= target) return;
        if (bytes + block.bytes.length > most) return;
      }
      ({ month } = block);
      bytes += block.bytes.length;
      totals.rows += block.rows;
      totals.units += block.units;
      totals.bytes += block.bytes.length;
      yield block.bytes;
      next = await blocks.next();
    }
  }
  while (!next.done) {
    const { month } = next.value;
    const first = `${1970 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
    yield { month: first, content: content() };
  }
}
