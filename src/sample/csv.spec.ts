import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { sampleCsv } from './csv.ts';
import { generateSample } from './generate.ts';
import { SAMPLE_SALES_FILE } from './label.ts';

const text = (seed: number) => [...sampleCsv(generateSample({ seed, days: 90, products: 12, locations: 2 }))].join('');

describe('sampleCsv', () => {
  it('gives the same bytes for the same seed and others for another', () => {
    const hash = (seed: number) => createHash('sha256').update(text(seed)).digest('hex');
    expect(hash(5)).toBe(hash(5));
    expect(hash(5)).not.toBe(hash(6));
  });

  it('writes one row per product, store and day on sale, days ascending, also where nothing was sold', () => {
    const sample = generateSample({ seed: 5, days: 90, products: 24, locations: 2 });
    const lines = [...sampleCsv(sample)].join('').trimEnd().split('\n');
    expect(lines[0]).toBe('date,sku,location,quantity_sold,price,on_hand,promotion');
    const rows = lines.slice(1);
    const onSale = sample.firstDay.reduce((sum, first, s) => sum + Math.max(0, sample.endDay[s] - first), 0);
    expect(rows).toHaveLength(onSale);
    const dates = rows.map((row) => row.slice(0, 10));
    expect(dates).toEqual([...dates].sort());
    const keys = new Set(rows.map((row) => row.split(',').slice(0, 3).join()));
    expect(keys.size).toBe(rows.length);
    for (const row of rows) expect(row).toMatch(/^\d{4}-\d\d-\d\d,[A-Z]{3}-\d{3},HYD-[A-Z]{3},\d+,\d+\.\d\d,\d+,[01]$/);
    expect(rows.some((row) => row.split(',')[3] === '0')).toBe(true);
    const sold = rows.reduce((sum, row) => sum + Number(row.split(',')[3]), 0);
    expect(sold).toBe(sample.quantitySold.reduce((sum, units) => sum + units, 0));
  });

  it('comes in chunks of whole lines, at least 64 K characters each but the last', () => {
    const chunks = [...sampleCsv(generateSample({ seed: 5, days: 200, products: 12, locations: 3 }))];
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) expect(chunk.endsWith('\n')).toBe(true);
    for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThanOrEqual(65_536);
  });

  it('is called simulated by its file name', () => {
    expect(SAMPLE_SALES_FILE).toBe('simulated-sales.csv');
  });
});
