import { ConfigError, loadConfig } from './platform/config/index.ts';
import { JsonLogger } from './platform/logging/logger.ts';
import { connectStore, fetchFolder, storeFolder } from './platform/objectstore/index.ts';

/** Where backups lie in the object store. */
const BACKUPS = 'backups';
const USAGE =
  'backup.js store FOLDER   copies base backups and archived WAL into the object store\nbackup.js fetch FOLDER   brings them back';

async function copy(action: string, folder: string): Promise<void> {
  const config = loadConfig();
  const logger = new JsonLogger(config.logLevel, 'backup');
  const store = await connectStore(config);
  const copied =
    action === 'store' ? await storeFolder(store, folder, BACKUPS) : await fetchFolder(store, BACKUPS, folder);
  logger.log({ message: action === 'store' ? 'backups are in the object store' : 'backups were fetched', ...copied });
}

const [action, folder] = process.argv.slice(2);
if ((action !== 'store' && action !== 'fetch') || !folder) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
try {
  await copy(action, folder);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
