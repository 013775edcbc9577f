import { describe, expect, it } from '@jest/globals';
import { EventColumns } from './event.ts';
import { InboxWriter } from './inbox-writer.ts';

const events = (count: number, first = 0, bytes = 10): EventColumns => {
  const columns = new EventColumns();
  for (let i = first; i < first + count; i++) {
    columns.ids.push(`e${i}`);
    columns.days.push(i);
    columns.products.push('A');
    columns.locations.push('X');
    columns.quantities.push(1);
    columns.prices.push(null);
    columns.lines.push('x'.repeat(bytes));
  }
  return columns;
};

/** A writer whose batches are kept, or fail, when the test says so. */
function held() {
  const batches: { ids: readonly string[]; end: (error?: Error) => void }[] = [];
  const writer = new InboxWriter(
    ({ ids }) =>
      new Promise<void>((resolve, reject) =>
        batches.push({ ids, end: (error) => (error ? reject(error) : resolve()) }),
      ),
  );
  return { batches, writer };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a writer of events', () => {
  it('writes four batches at a time, and what came meanwhile together', async () => {
    const { batches, writer } = held();
    const writes = Array.from({ length: 7 }, (_, i) => writer.write(events(2, 2 * i)));
    expect(batches.map(({ ids }) => ids)).toEqual([0, 2, 4, 6].map((i) => [`e${i}`, `e${i + 1}`]));
    batches[1].end();
    await writes[1];
    await settled();
    expect(batches[4].ids).toEqual(['e8', 'e9', 'e10', 'e11', 'e12', 'e13']);
    for (const { end } of batches) end();
    await Promise.all(writes);
    const later = writer.write(events(1, 99));
    expect(batches[5].ids).toEqual(['e99']);
    batches[5].end();
    await later;
  });

  it('makes no batch larger than a request may be', async () => {
    const { batches, writer } = held();
    const writes = [
      ...Array.from({ length: 4 }, (_, i) => writer.write(events(1, i))),
      writer.write(events(6_000)),
      writer.write(events(6_000)),
    ];
    for (let i = 0; i < 6; i++) {
      batches[i].end();
      await settled();
    }
    await Promise.all(writes);
    expect(batches.map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1, 6_000, 6_000]);
  });

  it('tells all whose events were in a batch that it failed, and goes on', async () => {
    const { batches, writer } = held();
    const first = Array.from({ length: 4 }, (_, i) => writer.write(events(1, i)));
    const second = [writer.write(events(1, 4)), writer.write(events(1, 5))];
    const outcomes = Promise.allSettled(second);
    batches[0].end();
    await settled();
    batches[4].end(new Error('away'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const { end } of batches) end();
    await Promise.all(first);
    const later = writer.write(events(1, 6));
    batches.at(-1)?.end();
    await later;
  });

  it('asks for more to come again when too much waits', async () => {
    const { batches, writer } = held();
    const large = () => events(2, 0, 3_000_000);
    const writes = Array.from({ length: 6 }, () => writer.write(large()));
    await expect(writer.write(large())).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    for (let i = 0; i < 6; i++) {
      batches[i]?.end();
      await settled();
    }
    await Promise.all(writes);
    expect(batches.flatMap(({ ids }) => ids)).toHaveLength(12);
  });
});
