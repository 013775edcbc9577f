import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { TracedClient } from '../../src/platform/database/traced-client.ts';
import { startTracing, stopTracing, tracedProcess } from '../../src/platform/tracing/index.ts';
import { createTestDatabase, TestDatabase } from '../support/test-database.ts';
import { ToldSpan, TraceCollector } from '../support/trace-collector.ts';

const PRIVATE = 'canary@example.test';

let database: TestDatabase;
let collector: TraceCollector;
let client: TracedClient;

/** What each form of a statement came to. */
const seen: Record<string, unknown> = {};
const told = (text: string) =>
  collector.spans.find(({ attributes }) => attributes['db.query.text'] === text) as ToldSpan;

beforeAll(async () => {
  database = await createTestDatabase();
  collector = await TraceCollector.start();
  await startTracing({ tracesUrl: `${collector.url}/v1/traces`, ratio: 1 }, 'spec');
  client = new TracedClient({ connectionString: database.url });
  await client.connect();
  await client.query('SELECT 1 AS outside');
  await tracedProcess('process', async () => {
    await client.query('CREATE TEMP TABLE letters (id int PRIMARY KEY, text text)');
    seen.promise = (await client.query('SELECT $1::text AS it', [PRIVATE])).rows;
    seen.refused = await client.query('SELECT $1::uuid AS id', [PRIVATE]).catch((error: Error) => error.message);
    seen.callback = await new Promise((resolve) =>
      client.query(`SELECT '${PRIVATE}' AS back`, (_error: Error, result: { rows: unknown }) => resolve(result.rows)),
    );
    seen.failing = await new Promise((resolve) =>
      client.query('SELECT nothing', (error: Error) => resolve(error.message)),
    );
    const write = client.query(copyFrom('COPY letters FROM STDIN'));
    write.end(`1\t${PRIVATE}\n`);
    await once(write, 'close');
    const read: string[] = [];
    for await (const chunk of client.query(copyTo(`COPY (SELECT text FROM letters WHERE id = 1) TO STDOUT`)))
      read.push(String(chunk));
    seen.read = read.join('');
    const twice = client.query(copyFrom('COPY letters (id, text) FROM STDIN'));
    const failure = once(twice, 'error');
    twice.end(`1\t${PRIVATE}\n`);
    seen.duplicate = ((await failure) as Error[])[0].message;
  });
  await stopTracing();
});
afterAll(async () => {
  await client.end();
  collector.stop();
  await database.drop();
});

describe('Statements that are traced', () => {
  it('do what they do untraced', () => {
    expect(seen).toEqual({
      promise: [{ it: PRIVATE }],
      refused: expect.stringContaining(PRIVATE),
      callback: [{ back: PRIVATE }],
      failing: expect.stringContaining('nothing'),
      read: `${PRIVATE}\n`,
      duplicate: expect.stringContaining('duplicate key'),
    });
  });

  it('are told of by their text, and those that failed by their code, without what was sent or answered', () => {
    const [process] = collector.spans.filter(({ name }) => name === 'process');
    expect(collector.spans.filter((span) => span !== process).map(({ parentSpanId }) => parentSpanId)).toEqual(
      Array.from({ length: 8 }, () => process.spanId),
    );
    expect(told('SELECT $1::text AS it')).toMatchObject({ name: 'SELECT', failed: false });
    expect(told('SELECT $1::uuid AS id')).toMatchObject({ failed: true, attributes: { 'error.type': '22P02' } });
    expect(told('SELECT ? AS back')).toMatchObject({ failed: false });
    expect(told('SELECT nothing')).toMatchObject({ failed: true, attributes: { 'error.type': '42703' } });
    expect(told('COPY letters FROM STDIN')).toMatchObject({ name: 'COPY', failed: false });
    expect(told('COPY (SELECT text FROM letters WHERE id = ?) TO STDOUT')).toMatchObject({ failed: false });
    expect(told('COPY letters (id, text) FROM STDIN')).toMatchObject({
      failed: true,
      attributes: { 'error.type': '23505' },
    });
    expect(told('SELECT ? AS outside')).toBeUndefined();
    expect(collector.raw.join()).not.toContain(PRIVATE);
  });
});
