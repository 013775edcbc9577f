import { parseArgs } from 'node:util';
import { UsageError } from '../../files/input-error.ts';

export const USAGE = `Usage: npm run replay -- [NAME…] [options]

Sends the sample requests of src/sample/events to a running Shelfcast (npm start) and compares the status of each answer
with the expected one. Without names all are sent but those that add sales, which would move the day forecasts start from.

  --all            also those that add sales
  --list           list the sample requests
  --url URL        a running Shelfcast; http://localhost:PORT if absent
  --email ADDRESS  who signs in, with the password in ADMIN_PASSWORD; ADMIN_EMAIL if absent, else, on this machine,
                   the administrator that npm start has made
  --help           show this text

Exit code 1: an answer was not the expected one; 2: the arguments cannot be followed.`;

/** What the command was asked to do. */
export interface ReplayArguments {
  /** Names of sample events; empty = all. */
  readonly names: readonly string[];
  /** Whether events that add sales are sent without being named. */
  readonly all: boolean;
  readonly list: boolean;
  /** Null = this machine. */
  readonly url: string | null;
  readonly email: string | null;
}

/** Reads the command line. @throws UsageError */
export function parseReplayArguments(args: readonly string[]): ReplayArguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.url !== undefined && !(/^https?:/.test(values.url) && URL.canParse(values.url)))
    throw new UsageError(`--url ${values.url}: expected an address such as http://localhost:3000`);
  return {
    names: positionals,
    all: values.all ?? false,
    list: values.list ?? false,
    url: values.url?.replace(/\/+$/, '') ?? null,
    email: values.email ?? null,
  };
}

/**
 * The events that were asked for.
 * @returns those to send, and how many were left out since they add sales
 * @throws UsageError for a name that none has
 */
export function chooseEvents<T extends { readonly name: string; readonly changes_sales?: boolean }>(
  events: readonly T[],
  { names, all }: Pick<ReplayArguments, 'names' | 'all'>,
): { readonly chosen: readonly T[]; readonly leftOut: number } {
  const known = events.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`${unknown}: expected names among ${known.join(', ')}`);
  if (names.length) return { chosen: events.filter(({ name }) => names.includes(name)), leftOut: 0 };
  const chosen = events.filter((event) => all || !event.changes_sales);
  return { chosen, leftOut: events.length - chosen.length };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        list: { type: 'boolean' },
        url: { type: 'string' },
        email: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
