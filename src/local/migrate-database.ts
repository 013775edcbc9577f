import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runs the one-shot migrate process of the build. */
export async function migrateDatabase(environment: NodeJS.ProcessEnv): Promise<void> {
  const file = fileURLToPath(new URL('../migrate.js', import.meta.url));
  try {
    await promisify(execFile)(process.execPath, [file], { env: environment });
  } catch (error) {
    throw new Error(
      `The database could not be migrated: ${(error as { stderr?: string }).stderr?.trim() || (error as Error).message}`,
    );
  }
}
