import { fork, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SECTIONS, type Section, type SectionOptions } from './engine/sections.ts';
import { keepThreadsApart } from './engine/thread-spread.ts';
import { report, short, type Figure } from './report.ts';

/**
 * Speed and accuracy of the forecasting library beside named peers. The sections run one after the other, each in a
 * process of its own, so that none meets the memory or the warm code of another.
 *
 *   --data FOLDER     with m5/ (sales_<store>, prices_<store> and calendar, .csv.gz) and breakfast-at-the-frat/
 *   --python PATH     interpreter with the peers: python3 -m venv peers && peers/bin/pip install lightgbm statsmodels duckdb
 *   --only a,b        some sections; figures of the others are kept as they stand in bench/results
 *   --short           a quick run on little data
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string' },
    only: { type: 'string' },
    section: { type: 'string' },
    short: { type: 'boolean' },
  },
});

const DATA_NOTE =
  'without --data the sections on real sales are left out; M5 is the Kaggle competition m5-forecasting-accuracy, Breakfast at the Frat one of the dunnhumby source files';
const PYTHON_NOTE =
  'without --python, or a python3 that imports lightgbm and statsmodels, figures beside them are left out';

interface Measured {
  readonly section: Section;
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}

/** The interpreter asked for, or python3 if it has the peers; null if there is none. */
function findPython(asked: string | undefined): string | null {
  const { status } = spawnSync(asked ?? 'python3', ['-c', 'import lightgbm, statsmodels'], { stdio: 'ignore' });
  if (status === 0) return asked ?? 'python3';
  if (asked === undefined) return null;
  throw new Error(`${asked} cannot import lightgbm and statsmodels`);
}

function sectionsAsked(only: string | undefined): readonly Section[] {
  if (only === undefined) return SECTIONS;
  return only.split(',').map((name) => {
    const section = SECTIONS.find((candidate) => candidate.name === name);
    if (section) return section;
    throw new Error(`There is no section ${name}; there are ${SECTIONS.map((known) => known.name).join(', ')}`);
  });
}

/** Runs a section in a child process; null where it failed. */
async function measure(section: Section, { python, data }: SectionOptions): Promise<Measured | null> {
  console.log(`\n== ${section.name}`);
  const started = performance.now();
  const args = ['--section', section.name, ...(python ? ['--python', python] : []), ...(data ? ['--data', data] : [])];
  const child = fork(fileURLToPath(import.meta.url), [...args, ...(short ? ['--short'] : [])], {
    serialization: 'advanced',
  });
  let figures: Figure[] | null = null;
  child.on('message', (message) => (figures = message as Figure[]));
  const stop = child.pid === undefined ? () => undefined : keepThreadsApart(child.pid);
  await new Promise((resolve) => child.on('close', resolve));
  stop();
  if (figures === null) return null;
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  return {
    section,
    figures,
    notes: [`measured on ${new Date().toISOString().slice(0, 10)} in ${minutes} minutes`, ...section.notes],
  };
}

/** What an earlier run found about the sections that do not run now. */
function earlier(running: readonly Section[]): Measured[] {
  const file = `bench/results/engine${short ? '-short' : ''}.json`;
  if (!existsSync(file)) return [];
  const found = JSON.parse(readFileSync(file, 'utf8')) as { notes: string[]; figures: Figure[] };
  return SECTIONS.filter((section) => !running.includes(section)).map((section) => {
    const own = (text: string) => text.startsWith(`${section.name}: `);
    const bare = (text: string) => text.slice(section.name.length + 2);
    return {
      section,
      // A number that is not one is written as null.
      figures: found.figures
        .filter(({ name }) => own(name))
        .map(({ name, value, unit, target }) => ({ name: bare(name), value: value ?? NaN, unit, target })),
      notes: found.notes.filter(own).map(bare),
    };
  });
}

async function runSections(): Promise<void> {
  const options: SectionOptions = { short, python: findPython(values.python), data: values.data ?? null };
  const asked = sectionsAsked(values.only);
  const running = asked.filter(({ needsData }) => !needsData || options.data !== null);
  const measured = values.only === undefined ? [] : earlier(running);
  const failed: string[] = [];
  for (const section of running) {
    const result = await measure(section, options);
    if (result) measured.push(result);
    else failed.push(section.name);
  }
  measured.sort((a, b) => SECTIONS.indexOf(a.section) - SECTIONS.indexOf(b.section));
  const prefixed = <T>(pick: (one: Measured) => readonly T[], name: (item: T, section: string) => T) =>
    measured.flatMap((one) => pick(one).map((item) => name(item, one.section.name)));
  report(
    'engine',
    prefixed<Figure>(
      ({ figures }) => figures,
      (figure, section) => ({ ...figure, name: `${section}: ${figure.name}` }),
    ),
    [
      ...(options.data === null ? [DATA_NOTE] : []),
      ...(options.python === null ? [PYTHON_NOTE] : []),
      ...prefixed<string>(
        ({ notes }) => notes,
        (note, section) => `${section}: ${note}`,
      ),
      ...failed.map((name) => `${name} failed and is missing`),
    ],
  );
  if (failed.length > 0) process.exitCode = 1;
}

async function runSection(name: string): Promise<void> {
  const [section] = sectionsAsked(name);
  const run = await section.load();
  const figures = await run({ short, python: values.python ?? null, data: values.data ?? null });
  process.send?.(figures, () => process.disconnect());
}

await (values.section === undefined ? runSections() : runSection(values.section));
