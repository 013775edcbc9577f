import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiError } from './api-client.ts';
import { experimentTable, type TrainedModel } from './experiment-table.ts';
import { signIn } from './sign-in.ts';
import { ProgressBar } from './terminal.ts';
import { ConfigError, localSettings } from '../platform/config/index.ts';

const USAGE = `npm run experiment -- --config FILE [--url URL]

Trains a model by the settings in FILE and prints how it did on the days held out. It enters the registry as an
experiment, beside the champion, and is never deployed. FILE holds JSON, every field optional:
  { "seed": 1, "horizon_days": 28, "hold_out_days": 30, "budget": "quick" | "standard" | "thorough" }

  --url URL   a running Shelfcast; http://localhost:PORT if absent. ADMIN_EMAIL and ADMIN_PASSWORD sign in, else the
              administrator that npm start has made.`;

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' }, url: { type: 'string' } } });
  const settings = localSettings();
  if (!values.config) throw new ConfigError(`--config is missing\n\n${USAGE}`);
  const config = JSON.parse(readFileSync(resolve(settings.callerDir, values.config), 'utf8')) as object;
  const api = await signIn(settings, values.url?.replace(/\/$/, '') ?? null, null);
  const bar = new ProgressBar('Training');
  const { job_id: job } = await api.post<{ job_id: string }>('/models/train', { ...config, deploy: 'none' });
  const { model_version: version } = await api.follow(job, bar);
  bar.done();
  const model = await api.get<TrainedModel>(`/models/${encodeURIComponent(String(version))}`);
  console.log(experimentTable(model).join('\n'));
}

run().catch((error: Error) => {
  const isUsage = error instanceof ConfigError || error instanceof ApiError || error instanceof SyntaxError;
  console.error(isUsage ? error.message : error);
  process.exit(1);
});
