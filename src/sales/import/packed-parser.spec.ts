import { describe, expect, it } from '@jest/globals';
import { createRng } from '../../engine/index.ts';
import { NO_KEYS, packParser, PackedParser, sizesOf, unpackParser } from './packed-parser.ts';
import { parseFile, ParserState } from './parse-file.ts';

const SETTINGS = { today: 20_000, timezone: 'Asia/Kolkata', archived: new Set<number>() };

/** Sales with everything that a parser remembers: names, prices, pincodes, bad rows, quotes over lines, data of persons. */
function salesText(rows: number, delimiter: string, seed: number): string {
  const rng = createRng(seed);
  const pick = (n: number) => Math.floor(rng() * n);
  const lines = [['date', 'sku', 'location', 'qty', 'price', 'name', 'category', 'pincode', 'remark'].join(delimiter)];
  for (let i = 0; i < rows; i++) {
    const sku = pick(i / 3 + 2);
    const day = `2024-0${1 + pick(9)}-${String(1 + pick(28)).padStart(2, '0')}`;
    const date = [day, day, day, `${day}T23:30:00Z`, '2024-02-31', ''][pick(6)];
    const name = [`Tea ${sku}`, `"Tea, ""${sku}""\nloose"`, ''][pick(3)];
    const price = delimiter === ';' ? `${pick(90)},5` : `${pick(90)}.5`;
    const remark = pick(2) ? `buyer${i}@example.in` : '';
    const quantity = [pick(9), pick(9), pick(5_000), 0, -1][pick(5)];
    lines.push(
      [date, `S${sku}`, `P${pick(5)}`, quantity, price, name, 'Getränke', `5600${pick(9)}`, remark].join(delimiter),
    );
  }
  return lines.join('\n');
}

/** Everything that parsing a text makes, and how often it was packed. */
async function parsed(bytes: Buffer, piece: number, cutEvery: number) {
  const seen: unknown[] = [];
  let state: ParserState | null = null;
  let cuts = 0;
  const keys: Buffer[] = [];
  for (;;) {
    let last: PackedParser | null = null;
    const before: ParserState | null = state;
    const rowsBefore = before?.profile.rowsRead ?? 0;
    const sizesBefore = before ? sizesOf(before.layout.reader) : NO_KEYS;
    const offset = before?.offset ?? 0;
    async function* chunks(): AsyncGenerator<Buffer> {
      for (let at = offset; at < bytes.length; at += piece) yield await Promise.resolve(bytes.subarray(at, at + piece));
    }
    const stop = new Error('cut');
    try {
      const file = await parseFile(
        chunks(),
        SETTINGS,
        {
          flushRows: 7,
          row: (line, { product, location, day, quantity, price, revenue }) =>
            void seen.push([line, product, location, day, quantity, price, revenue]),
          reject: (line, reason, row) => void seen.push([line, reason, row]),
          flush: (now) => {
            if (now.isComplete || now.profile.rowsRead - rowsBefore < cutEvery) return Promise.resolve();
            last = packParser(now, sizesBefore);
            return Promise.reject(stop);
          },
        },
        new AbortController().signal,
        before,
      );
      const { profile, reader, personal, encoding, delimiter, header } = file;
      const texts = [reader.products, reader.locations, reader.texts].map((dictionary) => dictionary.decode(encoding));
      const found = {
        profile: profile.state(),
        gaps: profile.gaps(),
        hints: profile.hints(),
        months: profile.months(),
      };
      return {
        cuts,
        all: { seen, texts, notes: reader.notes, found, personal: personal.columns(), encoding, delimiter, header },
      };
    } catch (error) {
      if (error !== stop || !last) throw error;
      const { state: plain, notes, keys: added } = last as PackedParser;
      keys.push(added);
      state = unpackParser(JSON.parse(JSON.stringify(plain)) as typeof plain, notes, keys);
      cuts++;
    }
  }
}

describe('a parser that is packed and unpacked', () => {
  it.each([
    [',', 'utf8', 1 << 20],
    [';', 'latin1', 1 << 20],
    ['\t', 'utf8', 1_100],
  ] as const)(
    'goes on as if nothing had happened: delimiter %j, %s, read in pieces of %d bytes',
    async (delimiter, encoding, piece) => {
      const bytes = Buffer.from(salesText(900, delimiter, piece), encoding);
      const whole = await parsed(bytes, piece, Infinity);
      expect(whole.cuts).toBe(0);
      expect(whole.all).toMatchObject({ encoding, personal: [{ column: 'remark', kind: 'email' }] });
      expect(whole.all.texts[0].length).toBeGreaterThan(100);
      expect(whole.all.found.profile.rejected).toBeGreaterThan(100);
      for (const cutEvery of [7, 50, 333]) {
        const cut = await parsed(bytes, piece, cutEvery);
        expect(cut.cuts).toBeGreaterThan(1);
        expect(cut.all).toEqual(whole.all);
      }
    },
  );

  it('is of no use to another version', async () => {
    let packed: PackedParser | null = null;
    async function* chunks(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('date,sku,location,quantity_sold\n2024-01-01,A,B,1\n'));
    }
    const sink = {
      flushRows: 1,
      row: () => undefined,
      reject: () => undefined,
      flush: (state: ParserState) => Promise.resolve(void (packed = packParser(state, NO_KEYS))),
    };
    await parseFile(chunks(), SETTINGS, sink, new AbortController().signal);
    const { state, notes, keys } = packed as unknown as PackedParser;
    expect(unpackParser(state, notes, [keys])).toMatchObject({ isComplete: true });
    expect(unpackParser({ ...state, version: state.version + 1 }, notes, [keys])).toBeNull();
  });
});
