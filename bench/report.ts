import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** One measured figure; with a target it counts as met or short. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Target and its direction; absent for figures that only inform. */
  readonly target?:
    { readonly atMost: number } | { readonly atLeast: number } | { readonly between: readonly [number, number] };
}

/** Whether a figure reaches its target; null without one. */
export function isMet({ value, target }: Figure): boolean | null {
  if (!target) return null;
  if ('atMost' in target) return value <= target.atMost;
  if ('atLeast' in target) return value >= target.atLeast;
  return value >= target.between[0] && value <= target.between[1];
}

function targetText({ target, unit }: Figure): string {
  if (!target) return '–';
  if ('atMost' in target) return `≤ ${target.atMost} ${unit}`;
  if ('atLeast' in target) return `≥ ${target.atLeast} ${unit}`;
  return `${target.between[0]}–${target.between[1]} ${unit}`;
}

function round(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

/** What the figures were measured on. */
function environment(): Record<string, string> {
  const git = (...args: string[]) => {
    try {
      return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return 'unknown';
    }
  };
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, ${process.platform} ${process.arch}`,
    node: process.version,
    shelfcast: `${(JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version} (${git('rev-parse', '--short', 'HEAD')})`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Whether the quick variant was asked for: `npm run bench:<name> -- --short`. */
export const short = process.argv.includes('--short');

/**
 * Prints the figures, writes them to `bench/results/<name>.json` and `.md`, and ends with `N met, M short`; the process
 * exits with 1 when one is short.
 * @param notes what a reader must know about the run: data, peer, method
 */
export function report(name: string, figures: readonly Figure[], notes: readonly string[]): void {
  const facts = environment();
  const rows = figures.map((figure) => {
    const met = isMet(figure);
    return {
      ...figure,
      value: round(figure.value),
      targetText: targetText(figure),
      verdict: met === null ? '' : met ? 'met' : 'SHORT',
    };
  });
  const markdown = [
    `# ${name}${short ? ' (short run)' : ''}`,
    '',
    ...Object.entries(facts).map(([key, value]) => `- ${key}: ${value}`),
    ...notes.map((note) => `- ${note}`),
    '',
    '| figure | value | target | |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row.name} | ${row.value} ${row.unit} | ${row.targetText} | ${row.verdict} |`),
    '',
  ].join('\n');
  mkdirSync('bench/results', { recursive: true });
  const file = join('bench/results', short ? `${name}-short` : name);
  writeFileSync(`${file}.md`, markdown);
  writeFileSync(
    `${file}.json`,
    `${JSON.stringify({ name, short, ...facts, notes, figures: rows.map(({ targetText: _, ...row }) => row) }, null, 2)}\n`,
  );
  console.log(`\n${markdown}`);
  const missed = rows.filter(({ verdict }) => verdict === 'SHORT').length;
  console.log(`${rows.filter(({ verdict }) => verdict === 'met').length} met, ${missed} short`);
  process.exitCode = missed ? 1 : 0;
}

/** Peak and current resident memory of a process, in megabytes. */
export function memoryOf(pid: number): { peak: number; current: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (field: string) => Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) / 1024;
  return { peak: read('VmHWM'), current: read('VmRSS') };
}

/** User and system CPU seconds a process has used. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Fields 14 and 15 of proc(5), in clock ticks of a hundredth of a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which the share `p` of the values lies, by nearest rank. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
}
