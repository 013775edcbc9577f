import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../files/input-error.ts';

/** What `--data` names: the folder of the files, and the sales themselves where it names a file. @throws InputError */
export function locate(path: string): { folder: string; file: string | null } {
  if (!existsSync(path)) throw new InputError(`${path}: there is no such file or folder`);
  return statSync(path).isDirectory() ? { folder: path, file: null } : { folder: join(path, '..'), file: path };
}

/** The files of a folder that a pattern names, plain or in gzip, by name. */
export function filesLike(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder)
    .filter((name) => pattern.test(name.toLowerCase().replace(/\.gz$/, '')))
    .sort()
    .map((name) => join(folder, name));
}

/** A file of a layout, plain or in gzip; null where the folder has none. */
export function optionalFile(folder: string, name: string): string | null {
  return filesLike(folder, new RegExp(`^${name.replaceAll('.', '\\.')}$`))[0] ?? null;
}

/** @throws InputError where the folder has none */
export function neededFile(folder: string, name: string): string {
  const file = optionalFile(folder, name);
  if (file === null) throw new InputError(`${folder}: there is no file ${name} or ${name}.gz in it`);
  return file;
}

/**
 * Where columns stand in a header, whatever the case of their names; -1 for one that may be absent and is.
 * @param needed columns with the names they may have
 * @throws InputError naming the column that is missing
 */
export function columnsOf<Needed extends string, Known extends string = never>(
  file: string,
  names: readonly string[],
  needed: Readonly<Record<Needed, readonly string[]>>,
  known: Readonly<Record<Known, readonly string[]>> = {} as Readonly<Record<Known, readonly string[]>>,
): Readonly<Record<Needed | Known, number>> {
  const lower = names.map((name) => name.toLowerCase());
  const at = (candidates: readonly string[]) =>
    candidates.reduce((found, name) => (found >= 0 ? found : lower.indexOf(name)), -1);
  const entries = Object.entries<readonly string[]>(needed).map(([column, candidates]) => {
    const index = at(candidates);
    if (index < 0)
      throw new InputError(
        `${file}, line 1: there is no column ${candidates.join(' or ')}; found ${names.join(', ').slice(0, 200)}`,
      );
    return [column, index] as const;
  });
  const others = Object.entries<readonly string[]>(known).map(
    ([column, candidates]) => [column, at(candidates)] as const,
  );
  return Object.fromEntries([...entries, ...others]) as Record<Needed | Known, number>;
}
