import { describe, expect, it } from '@jest/globals';
import { BinaryCopyReader, BinaryCopyWriter } from './binary-copy.ts';

describe('binary COPY', () => {
  const rows = Array.from({ length: 500 }, (_, i) => ({
    id: i,
    value: i % 7 ? i / 3 : NaN,
    small: i / 2,
    day: 16_000 + i,
  }));

  function pack(): Buffer {
    const writer = new BinaryCopyWriter(256);
    const chunks: Buffer[] = [];
    for (const row of rows) {
      writer.row(4);
      writer.int32(row.id);
      writer.float64(row.value);
      writer.float32(row.small);
      writer.date(row.day);
      if (writer.full) chunks.push(writer.take());
    }
    chunks.push(writer.finish());
    return Buffer.concat(chunks);
  }

  it.each([1, 3, 64, 1_000_000])('reads back what was written, in chunks of %d bytes', (size) => {
    const bytes = pack();
    const read: typeof rows = [];
    const reader = new BinaryCopyReader((row) =>
      read.push({ id: row.int32(), value: row.float64(), small: row.float32(), day: row.date() }),
    );
    for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size));
    expect(reader.rows).toBe(rows.length);
    expect(read).toEqual(rows);
  });
});
