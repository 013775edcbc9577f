import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A source file of the project, its path relative to the root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Sources in another language that only looks like TypeScript, and the script that compiles them. */
const ASSEMBLY_SCRIPT = 'src/engine/gbdt/assembly';

/** Every file below the folders whose name ends in one of the endings. */
export function sourceFiles(folders: readonly string[], endings: readonly string[] = ['.ts', '.mjs']): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder).flatMap((name): SourceFile[] => {
      const path = join(folder, name).replaceAll('\\', '/');
      if (path === ASSEMBLY_SCRIPT) return [];
      if (statSync(path).isDirectory()) return sourceFiles([path], endings);
      return endings.some((ending) => name.endsWith(ending)) ? [{ path, text: readFileSync(path, 'utf8') }] : [];
    }),
  );
}
