import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Child } from '../../src/local/child.ts';
import type { Figure } from '../report.ts';
import { startSystem } from '../running-system.ts';
import { postFile } from './post-file.ts';
import { SalesShape, SalesSums, writeSalesCsv } from './sales-csv.ts';
import type { IngestResult } from './sections.ts';

/** Shares of the rows at which the worker is killed. */
const KILLED_AT = [0.5, 0.9];
/** Chunks of the file where it is too small to have many. */
const CHUNKS = 20;
const CHUNK_ROWS = 1_000_000;

/** Rows that an import has kept for another attempt, and those that it has read on top of them. */
async function progress(client: pg.Client): Promise<{ kept: number; more: number }> {
  const { rows } = await client.query<{ kept: number; more: number }>(
    `SELECT coalesce((SELECT max((convert_from(state, 'UTF8')::json #>> '{parser,profile,rowsRead}')::int)
                      FROM staging.import_checkpoints), 0) AS kept,
       coalesce((SELECT max(tuples_processed)::int FROM pg_stat_progress_copy WHERE datname = current_database()), 0) AS more`,
  );
  return rows[0];
}

/** One file whose worker is killed again and again; others go on. @param missing how far the stored sales are from the file */
export async function measureCrashes(
  path: string,
  shape: SalesShape,
  missing: (client: pg.Client, sums: SalesSums) => Promise<number>,
): Promise<IngestResult> {
  const sums = await writeSalesCsv(path, { ...shape, seed: 99 });
  const chunkRows = Math.min(CHUNK_ROWS, sums.rows / CHUNKS);
  const system = await startSystem({ IMPORT_CHUNK_ROWS: String(chunkRows) });
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  const workers: Child[] = [system.worker];
  const repeated: number[] = [];
  try {
    const { jobId } = await postFile(system, createReadStream(path));
    for (const share of KILLED_AT) {
      let at = await progress(client);
      for (const deadline = Date.now() + 300_000; at.kept + at.more < share * sums.rows; at = await progress(client)) {
        if (Date.now() > deadline) throw new Error(`The import did not come to ${100 * share} % of its rows`);
        await sleep(2);
      }
      process.kill((workers.at(-1) as Child).pid, 'SIGKILL');
      await (workers.at(-1) as Child).ended;
      const read = at.kept + at.more;
      // A chunk that was all but done may have been kept since.
      const { kept } = await progress(client);
      repeated.push(Math.max(0, read - kept) / sums.rows);
      console.log(
        `killed at ${((100 * read) / sums.rows).toFixed(0)} %, ${((100 * kept) / sums.rows).toFixed(0)} % kept`,
      );
      workers.push(await system.startWorker());
    }
    await system.client.follow(jobId);
    return {
      figures: [
        ...KILLED_AT.map((share, i): Figure => ({
          name: `worker killed at ${100 * share} %, rows read twice`,
          value: 100 * repeated[i],
          unit: '% of the rows',
          target: { atMost: 10 },
        })),
        {
          name: 'killed twice, rows and units apart from the file',
          value: await missing(client, sums),
          unit: '',
          target: { atMost: 0 },
        },
      ],
      notes: [
        `kills: ${sums.rows.toLocaleString('en')} rows, kept every ${chunkRows.toLocaleString('en')} (a million by default); the worker dies by SIGKILL, another takes over after 30 s of silence`,
      ],
    };
  } finally {
    await client.end();
    await Promise.all(workers.slice(1).map((worker) => worker.stop()));
    await system.stop();
  }
}
