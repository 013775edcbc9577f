import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import {
  generateSample,
  SAMPLE_SALES_FILE,
  sampleCsv,
  sampleEvents,
  sampleLocations,
  sampleProducts,
} from '../sample/index.ts';
import { ApiClient, ApiError } from './api-client.ts';
import { ProgressBar } from './terminal.ts';

const SAMPLE_SEED = 7;
/** Share of the bar for sending the file; the rest belongs to the job. */
const UPLOAD_PERCENT = 10;

interface LoadReport {
  readonly rows_read?: number;
  readonly rows_loaded?: number;
  readonly rows_rejected?: number;
}

/** Creates something unless it exists already, as it does when an earlier start was interrupted. */
async function createOnce(api: ApiClient, path: string, body: object): Promise<void> {
  try {
    await api.post(path, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
  }
}

async function uploadAndFollow(api: ApiClient, name: string, content: Blob, label: string): Promise<void> {
  const bar = new ProgressBar(label);
  const { job_id } = await api.upload(name, content);
  bar.update(UPLOAD_PERCENT);
  const report = (await api.follow(job_id, bar)) as LoadReport & Record<string, unknown>;
  if (report.state === 'held') {
    throw new Error(
      'too many rows cannot be read, so nothing was loaded; GET /api/v1/sales-data/uploads says why, and an administrator may release it',
    );
  }
  const rejected = report.rows_rejected ? `, ${report.rows_rejected.toLocaleString('en')} rejected` : '';
  bar.done(`${(report.rows_loaded ?? 0).toLocaleString('en')} rows${rejected}`);
}

/** Generates the simulated company and loads it through the API: catalogue, calendar of festivals, sales with stock feed. */
export async function loadSample(api: ApiClient): Promise<void> {
  const catalogue = new ProgressBar('Simulated catalogue');
  const products = sampleProducts();
  const locations = sampleLocations();
  for (const location of locations) await createOnce(api, '/locations', location);
  for (const [done, product] of products.entries()) {
    await createOnce(api, '/products', product);
    catalogue.update((done / products.length) * 100);
  }
  for (const { name, date } of sampleEvents())
    await createOnce(api, '/signals/events', { name, date, kind: 'festival' });
  catalogue.done(`${products.length} products, ${locations.length} dark stores`);
  const generation = new ProgressBar('Simulated sales');
  const chunks = [...sampleCsv(generateSample({ seed: SAMPLE_SEED }))];
  generation.done('three years of days');
  await uploadAndFollow(api, SAMPLE_SALES_FILE, new Blob(chunks, { type: 'text/csv' }), 'Loading sales');
}

/** Loads the user's own file through the API. */
export async function loadFile(api: ApiClient, file: string): Promise<void> {
  await uploadAndFollow(api, basename(file), await openAsBlob(file), 'Loading sales');
}
