import { describe, expect, it } from '@jest/globals';
import type { SalesBlock } from './retail-data.ts';
import { SalesLines } from './sales-lines.ts';
import { partsOf } from './sales-parts.ts';

const HEADER = 'date,sku,location,quantity_sold,price';

/** Rows of one product, so many a day. */
async function* blocksOf(days: number, perDay: number): AsyncGenerator<SalesBlock> {
  const lines = new SalesLines();
  for (let day = 0; day < days; day++)
    for (let i = 0; i < perDay; i++) {
      lines.add(20_000 + day, Buffer.from(`tea-${i},shop,`), i * 7.5, Buffer.from(',2.5\n'));
      yield* lines.take();
    }
  yield* lines.finish();
}

async function cut(target: number, most: number) {
  const totals = { rows: 0, units: 0, bytes: 0 };
  const parts: { month: string; text: string }[] = [];
  for await (const { month, content } of partsOf(blocksOf(300, 200), HEADER, { target, most }, totals)) {
    let text = '';
    for await (const chunk of content) text += Buffer.from(chunk).toString();
    parts.push({ month, text });
  }
  return { parts, totals };
}

const monthsOf = (text: string) =>
  new Set(
    text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, 7)),
  );

describe('partsOf', () => {
  it('cuts between months, each part a whole file, the same each time', async () => {
    const { parts, totals } = await cut(300_000, 1e9);
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.length).toBeLessThan(10);
    const months = parts.map(({ text }) => monthsOf(text));
    months.slice(1).forEach((later, i) => expect([...later].filter((month) => months[i].has(month))).toEqual([]));
    parts.forEach(({ month }, i) => expect(month).toBe([...months[i]][0]));
    const rows = parts.flatMap(({ text }) => {
      const [header, ...lines] = text.trimEnd().split('\n');
      expect(header).toBe(HEADER);
      return lines;
    });
    expect(rows).toHaveLength(60_000);
    expect(totals.rows).toBe(60_000);
    expect(totals.units).toBeCloseTo(300 * 7.5 * ((199 * 200) / 2));
    expect(rows[201]).toBe('2024-10-05,tea-1,shop,7.5,2.5');
    expect(await cut(300_000, 1e9)).toEqual({ parts, totals });
  });

  it('cuts within a month only what would be larger than the server takes', async () => {
    const { parts } = await cut(Infinity, 600_000);
    for (const { text } of parts) expect(text.length).toBeLessThanOrEqual(600_000);
    expect(parts.reduce((rows, { text }) => rows + text.trimEnd().split('\n').length - 1, 0)).toBe(60_000);
    expect((await cut(Infinity, Infinity)).parts).toHaveLength(1);
  });
});
