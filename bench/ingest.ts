import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { IngestResult, IngestSection, SECTIONS } from './ingest/sections.ts';
import { Figure, report, short } from './report.ts';

/**
 * How data comes in: files and streams, beside named peers. The sections run one after the other.
 *
 *   --data FOLDER   data sets for the sections that need them
 *   --only a,b      some sections; figures of the others are kept as they stand in bench/results
 *   --short         a quick run on little data
 */
const { values } = parseArgs({
  options: { data: { type: 'string' }, only: { type: 'string' }, short: { type: 'boolean' } },
});
const asked = values.only?.split(',') ?? SECTIONS.map(({ name }) => name);
const unknown = asked.filter((name) => !SECTIONS.some((section) => section.name === name));
if (unknown.length)
  throw new Error(
    `There is no section ${unknown.join(', ')}; there are ${SECTIONS.map(({ name }) => name).join(', ')}`,
  );

/** What an earlier run found about a section. */
function earlier({ name }: IngestSection): IngestResult {
  const file = `bench/results/ingest${short ? '-short' : ''}.json`;
  if (!existsSync(file)) return { figures: [], notes: [] };
  const found = JSON.parse(readFileSync(file, 'utf8')) as { notes: string[]; figures: Figure[] };
  const own = (text: string) => text.startsWith(`${name}: `);
  const bare = (text: string) => text.slice(name.length + 2);
  return {
    // A number that is not one is written as null.
    figures: found.figures
      .filter((figure) => own(figure.name))
      .map(({ name: text, value, unit, target }) => ({ name: bare(text), value: value ?? NaN, unit, target })),
    notes: found.notes.filter(own).map(bare),
  };
}

async function measured(section: IngestSection): Promise<IngestResult> {
  if (!asked.includes(section.name)) return earlier(section);
  if (section.needsData && values.data === undefined) return { figures: [], notes: ['left out without --data'] };
  console.log(`\n== ${section.name}`);
  const { figures, notes } = await section.measure({ short, data: values.data ?? null });
  return { figures, notes: [`measured on ${new Date().toISOString().slice(0, 10)}`, ...notes] };
}

const figures: Figure[] = [];
const notes: string[] = [];
for (const section of SECTIONS) {
  const found = await measured(section);
  figures.push(...found.figures.map((figure) => ({ ...figure, name: `${section.name}: ${figure.name}` })));
  notes.push(...found.notes.map((note) => `${section.name}: ${note}`));
}
report('ingest', figures, notes);
