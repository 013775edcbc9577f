import { existsSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What the launcher was asked to do. */
export interface LaunchArguments {
  /** The user's own sales; null = the simulated sample. */
  readonly dataFile: string | null;
  /** Whether to start without data where there are none yet. */
  readonly empty: boolean;
  /** Name of the folder under DATA_DIR that keeps this data set apart from others. */
  readonly dataSet: string;
}

export const USAGE = `Usage: npm start [-- --data FILE | --empty]

  --data FILE   load your own daily sales instead of the simulated sample: a CSV, plain or gzip, with the columns
                date, sku, location, quantity_sold and, if you have them, price, revenue, on_hand, promotion,
                name, category, pincode
  --empty       load and train nothing, for npm run import; a start after the import trains on what is there
  --help        show this text

Settings come from the environment; README.md lists them.`;

/** The command line cannot be followed; the message says why. */
export class UsageError extends Error {}

/**
 * Reads the command line.
 * @param from folder that relative paths start at
 * @throws UsageError
 */
export function parseLaunchArguments(args: string[], from: string): LaunchArguments | 'help' {
  let values: { data?: string; empty?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args,
      options: { data: { type: 'string' }, empty: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return 'help';
  if (values.empty && values.data !== undefined) throw new UsageError('--empty and --data exclude each other');
  if (values.empty) return { dataFile: null, empty: true, dataSet: 'imported' };
  if (values.data === undefined) return { dataFile: null, empty: false, dataSet: 'simulated' };
  const dataFile = resolve(from, values.data);
  if (!existsSync(dataFile) || !statSync(dataFile).isFile())
    throw new UsageError(`--data: there is no file ${values.data}`);
  const slug = basename(dataFile)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return { dataFile, empty: false, dataSet: `own-${slug || 'data'}` };
}
