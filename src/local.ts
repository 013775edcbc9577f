import { join } from 'node:path';
import { administrator } from './local/administrator.ts';
import { ApiClient, ApiError } from './local/api-client.ts';
import { LaunchArguments, parseLaunchArguments, USAGE, UsageError } from './local/arguments.ts';
import { Child, startChild } from './local/child.ts';
import { databaseUsers } from './local/database-users.ts';
import { startEmbeddedDatabase } from './local/embedded-database.ts';
import { forecastTable } from './local/forecast-table.ts';
import { AlreadyRunningError, lockDataFolder } from './local/launcher-lock.ts';
import { loadFile, loadSample } from './local/load-data.ts';
import { migrateDatabase } from './local/migrate-database.ts';
import { ProgressBar } from './local/terminal.ts';
import { ConfigError, localSettings } from './platform/config/index.ts';

/** What was started, to be stopped in reverse. */
type Stop = () => Promise<void> | void;

async function startProcesses(
  stops: Stop[],
  folder: string,
  environment: NodeJS.ProcessEnv,
  databaseUrls: { readonly api: string; readonly worker: string },
): Promise<Child[]> {
  const bar = new ProgressBar('API and worker');
  const start = async (name: 'api' | 'worker', entry: string) => {
    const variables = { ...environment, DATABASE_URL: databaseUrls[name] };
    const child = await startChild(name, entry, variables, join(folder, `${name}.log`));
    stops.push(() => child.stop());
    return child;
  };
  const outcomes = await Promise.allSettled([start('api', 'main.js'), start('worker', 'worker.js')]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error;
  bar.done();
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<Child>).value);
}

/** Loads and trains whatever an earlier start has not done yet; answers whether there are forecasts. */
async function prepareData(api: ApiClient, { dataFile, empty }: LaunchArguments): Promise<boolean> {
  const summary = await api.get<{ business_date: string | null }>('/sales-data/summary');
  if (summary.business_date === null && empty) return false;
  if (summary.business_date === null || dataFile) await (dataFile ? loadFile(api, dataFile) : loadSample(api));
  const { items } = await api.get<{ items: unknown[] }>('/models?limit=1');
  if (items.length > 0) return true;
  const bar = new ProgressBar('Training, forecasting');
  const { job_id } = await api.post<{ job_id: string }>('/models/train', {});
  await api.follow(job_id, bar);
  bar.done();
  return true;
}

async function showForecasts(api: ApiClient, { dataFile, empty }: LaunchArguments): Promise<void> {
  const { business_date } = await api.get<{ business_date: string }>('/sales-data/summary');
  const kind = dataFile ?? (empty ? 'imported sales' : 'SIMULATED quick-commerce sample');
  console.log(`\nForecasts from ${kind}, sales up to ${business_date}:\n`);
  console.log(await forecastTable(api, business_date));
}

async function launch(launchArguments: LaunchArguments, stops: Stop[]): Promise<Child[]> {
  const settings = localSettings();
  const folder = join(settings.dataDir, launchArguments.dataSet);
  stops.push(lockDataFolder(folder));
  let databaseUrl = settings.databaseUrl;
  if (!databaseUrl) {
    const bar = new ProgressBar('Database');
    const database = await startEmbeddedDatabase(folder);
    stops.push(() => database.stop());
    databaseUrl = database.url;
    bar.done(database.created ? 'created' : 'recovered what was there');
  }
  const credentials = administrator(folder, settings);
  const environment: NodeJS.ProcessEnv = {
    ...settings.variables,
    DATABASE_URL: databaseUrl,
    DATA_DIR: folder,
    ADMIN_EMAIL: credentials.email,
    ADMIN_PASSWORD: credentials.password,
  };
  // A server of somebody else's keeps the users it has.
  const users = settings.databaseUrl ? null : databaseUsers(databaseUrl);
  await migrateDatabase({ ...environment, ...users?.variables });
  const urls = users?.urls ?? { api: databaseUrl, worker: databaseUrl };
  const children = await startProcesses(stops, folder, environment, urls);
  const origin = `http://localhost:${settings.port}`;
  const api = new ApiClient(origin, credentials);
  let passwordNote = '';
  try {
    await api.signIn();
    if (await prepareData(api, launchArguments)) await showForecasts(api, launchArguments);
    else console.log('\nThere are no sales yet: npm run import -- --help');
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    passwordNote = ' (the password has been changed since)';
  }
  console.log(`
Start page    ${origin}/
API           ${origin}/api/v1
Documentation ${origin}/docs
Sign-in       ${credentials.email}  ${passwordNote ? `–${passwordNote}` : credentials.password}
Data and logs ${folder}

Ctrl-C stops everything.`);
  return children;
}

/**
 * Everything on one machine, what `npm start` runs: database, API, worker, data, model; then waits for Ctrl-C and stops
 * what it started in reverse order.
 */
export async function startLocally(args: string[]): Promise<void> {
  const stops: Stop[] = [];
  let stopping: Promise<void> | undefined;
  const stopAll = () =>
    (stopping ??= (async () => {
      for (const stop of stops.reverse()) await stop();
    })());
  const finish = (code: number) => void stopAll().finally(() => process.exit(code));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping) console.log('\nStopping …');
      finish(0);
    });
  }
  try {
    const launchArguments = parseLaunchArguments(args, localSettings().callerDir);
    if (launchArguments === 'help') return console.log(USAGE);
    const children = await launch(launchArguments, stops);
    const { name, code } = await Promise.race(
      children.map(async (child) => ({ name: child.name, code: await child.ended })),
    );
    if (!stopping) {
      console.error(`The ${name} process ended with code ${code}; see ${name}.log in the data folder.`);
      finish(1);
    }
  } catch (error) {
    if (stopping) return;
    const known = [UsageError, ConfigError, AlreadyRunningError, ApiError].some((type) => error instanceof type);
    console.error(`\n${(error as Error).message}${error instanceof UsageError ? `\n\n${USAGE}` : ''}`);
    if (!known && !(error instanceof ApiError))
      console.error((error as Error).stack?.split('\n').slice(1, 4).join('\n'));
    finish(1);
  }
}
