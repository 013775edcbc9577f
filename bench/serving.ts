import pg from 'pg';
import { generateSample, sampleCsv } from '../src/sample/index.ts';
import { report, short } from './report.ts';
import { startSystem } from './running-system.ts';
import { measureCachedReads } from './serving/cached-reads.ts';
import { measurePointReads } from './serving/point-reads.ts';
import { measureSynchronousForecasts } from './serving/synchronous-forecasts.ts';

/** How forecasts are served: from the cache, from the database, and where nothing is stored. */
const SAMPLE = short ? { days: 400, products: 20, locations: 5 } : { days: 730, products: 100, locations: 10 };

const system = await startSystem();
const { client } = system;
const database = new pg.Client({ connectionString: system.databaseUrl });
try {
  await database.connect();
  const csv = new Blob([...sampleCsv(generateSample({ seed: 7, ...SAMPLE }))]);
  const { job_id: upload } = await client.upload('simulated.csv', csv);
  await client.follow(upload);
  const { job_id: training } = await client.post<{ job_id: string }>('/models/train', { budget: 'quick' });
  await client.follow(training);
  const { rows: series } = await database.query<{ path: string }>(
    `SELECT '/api/v1/forecasts/' || p.product_id || '?location_id=' || l.location_id AS path
     FROM forecast_series s JOIN products p ON p.id = s.product JOIN locations l ON l.id = s.location
     ORDER BY s.location, s.product`,
  );
  const cached = await measureCachedReads(system, series[0].path);
  const onRequest = await measureSynchronousForecasts(
    system,
    database,
    series.map(({ path }) => path),
  );
  const points = await measurePointReads(system, database);
  report(
    'serving',
    [...cached, ...points.figures, ...onRequest],
    [
      'cached reads: JWT verification, role check, rate limit, correlation id, security headers, metrics, cache look-up; ' +
        'peers: one Fastify route that sends the same string, with and without verifying the same token, loaded in turn',
      ...points.notes,
      `forecasts on request: ${SAMPLE.products} products at ${SAMPLE.locations} locations, ${SAMPLE.days} days of sales, nothing stored`,
      'the generator of the load runs on the same cores',
    ],
  );
} finally {
  await database.end();
  await system.stop();
}
