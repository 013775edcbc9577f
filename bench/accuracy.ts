import { parse } from 'csv-parse';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { CalendarEvent, Covariate, Panel, trainForecaster, TrainingResult } from '../src/engine/index.ts';
import { PanelBuilder } from '../src/forecasts/training/panel-builder.ts';
import { generateSample, sampleCsv } from '../src/sample/index.ts';
import { publicSignalData, SignalData, signalFigures } from './engine/signal-gains.ts';
import { Figure, memoryOf, report, short } from './report.ts';

/**
 * Accuracy on the last 30 days held out: the simulated sample, and any file given with `--sales FILE` (date, sku,
 * location, quantity_sold, optional category, price, promotion, on_hand). The peer is the seasonal naive forecast, the
 * last seven days repeated. Then what each group of signals gains, by models with and without it: on the sample with its
 * planted rain, and with `--data FOLDER` (see `bench/engine.ts`) on M5 and Breakfast at the Frat. With `--signals` this part
 * alone; the other figures are kept as they stand in bench/results.
 */
const DAY_MS = 86_400_000;
const SIMULATED = 'simulated sample';
const SHORT_SAMPLE = { days: 730, products: 32, locations: 5 };

interface SalesRow {
  readonly product: number;
  readonly location: number;
  readonly category: number;
  readonly day: number;
  readonly quantity: number;
  readonly price: number;
  readonly onHand: number;
  readonly promotion: number;
}

interface DataSet {
  readonly name: string;
  readonly panel: Panel;
  readonly events: CalendarEvent[];
}

/** @returns the panel, and the names of its locations by their codes */
async function panelFromCsv(text: Readable): Promise<{ panel: Panel; locations: string[] }> {
  const codes = {
    product: new Map<string, number>(),
    location: new Map<string, number>(),
    category: new Map<string, number>(),
  };
  const code = (kind: keyof typeof codes, name: string) => {
    const known = codes[kind].get(name);
    if (known !== undefined) return known;
    codes[kind].set(name, codes[kind].size);
    return codes[kind].size - 1;
  };
  const optional = (value: string | undefined) => (value === undefined || value === '' ? NaN : Number(value));
  const rows: SalesRow[] = [];
  for await (const record of text.pipe(parse({ columns: true, bom: true })) as AsyncIterable<Record<string, string>>) {
    rows.push({
      product: code('product', record.sku),
      location: code('location', record.location),
      category: code('category', record.category ?? record.sku.split('-')[0]),
      day: Date.parse(record.date) / DAY_MS,
      quantity: Number(record.quantity_sold),
      price: optional(record.price),
      onHand: optional(record.on_hand),
      promotion: optional(record.promotion),
    });
  }
  rows.sort((a, b) => a.product - b.product || a.location - b.location || a.day - b.day);
  const days = rows.map(({ day }) => day);
  const first = days.reduce((a, b) => Math.min(a, b));
  const builder = new PanelBuilder(
    first,
    days.reduce((a, b) => Math.max(a, b)),
  );
  for (const row of rows) {
    builder.add(row.product, row.location, row.category, row.day, row.quantity, row.price, row.promotion, row.onHand);
  }
  const panel = builder.build();
  if (!panel) throw new Error('The file has no rows');
  return { panel, locations: [...codes.location.keys()] };
}

/** The sample, and the rain that was planted in it, which the accuracy of the model is measured without. */
async function simulated(): Promise<DataSet & { rain: Covariate }> {
  const sample = generateSample({ seed: 7, ...(short ? SHORT_SAMPLE : {}) });
  const events = sample.events.map(({ name, date }) => ({ name, day: Date.parse(date) / DAY_MS }));
  const { panel, locations } = await panelFromCsv(Readable.from(sampleCsv(sample)));
  const placeOf = locations.map((code) => sample.locations.findIndex((location) => location.code === code));
  const rain: Covariate = {
    name: 'rainfall',
    known: true,
    rowOf: panel.location.map((location) => placeOf[location]),
    values: sample.rainfallMm,
    stride: sample.dates.length,
  };
  return { name: SIMULATED, panel, events, rain };
}

/** Of the sample the rain of every day is known ahead, as if its forecasts were perfect. */
async function sampleSignals(): Promise<SignalData> {
  const { name, panel, events, rain } = await simulated();
  return {
    name,
    panel: { ...panel, covariates: [rain] },
    events,
    groups: [
      { name: 'price', price: true },
      { name: 'promotion', promotion: true },
      { name: 'festivals', events: true },
      { name: 'rain', covariates: [rain.name] },
      // A promotion lowers the price, so that each tells most of what the other does.
      { name: 'all of them', price: true, promotion: true, events: true, covariates: [rain.name] },
    ],
    known: { price: true, promotion: true },
    horizon: 28,
    certain: 'all of them',
  };
}

async function fromFile(file: string): Promise<DataSet> {
  const raw = createReadStream(file);
  return {
    // Two files of different sources may be called alike, so the folder says which is meant.
    name: `${basename(dirname(file))}/${basename(file)}`,
    ...(await panelFromCsv(file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw)),
    events: [],
  };
}

function figuresOf({ name }: DataSet, { evaluation }: TrainingResult, seconds: number): Figure[] {
  if (!evaluation || evaluation.ensemble.wape === null || !evaluation.seasonalNaiveWape)
    throw new Error(`${name} is too short to hold days out`);
  const { ensemble, members, seasonalNaiveWape } = evaluation;
  const figure = (what: string, value: number | null, unit = '', target?: Figure['target']): Figure => ({
    name: `${name}: ${what}`,
    value: value ?? NaN,
    unit,
    target,
  });
  return [
    figure('WAPE against seasonal naive', evaluation.ensemble.wape / seasonalNaiveWape, 'times', { atMost: 0.9 }),
    figure('P10–P90 coverage', (ensemble.coverage ?? NaN) * 100, '%', { between: [75, 85] }),
    figure('WAPE', ensemble.wape),
    figure('WAPE, seasonal naive', seasonalNaiveWape),
    ...members.map((member) => figure(`WAPE, ${member.name} alone`, member.accuracy.wape)),
    figure('MAE', ensemble.mae, 'units'),
    figure('RMSE', ensemble.rmse, 'units'),
    figure('R²', ensemble.r2),
    figure('MAPE of days with sales', ensemble.mape, '%'),
    figure('bias', (ensemble.bias ?? NaN) * 100, '%'),
    figure('training and forecasting', seconds, 's'),
  ];
}

/** Figures of an earlier run and what was noted of them, but for those of the signals. */
function earlier(): { readonly figures: Figure[]; readonly notes: string[] } {
  const file = `bench/results/accuracy${short ? '-short' : ''}.json`;
  if (!existsSync(file)) return { figures: [], notes: [] };
  const found = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly figures: Figure[];
    readonly notes: string[];
    readonly date: string;
    readonly shelfcast: string;
  };
  const kept = 'all but the signals: measured ';
  return {
    figures: found.figures.filter(({ name }) => !name.startsWith('signals of ')),
    notes: [
      ...(found.notes.some((note) => note.startsWith(kept)) ? [] : [`${kept}on ${found.date}, ${found.shelfcast}`]),
      ...found.notes.filter((note) => !note.startsWith('signals of ')),
    ],
  };
}

async function measureAccuracy(files: readonly string[]): Promise<{ figures: Figure[]; notes: string[] }> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const load of [simulated, ...files.map((file) => () => fromFile(file))]) {
    const dataSet = await load();
    const started = performance.now();
    const result = trainForecaster(dataSet.panel, dataSet.events, { seed: 1 });
    figures.push(...figuresOf(dataSet, result, (performance.now() - started) / 1000));
    notes.push(
      `${dataSet.name}: ${dataSet.panel.seriesCount} series × ${dataSet.panel.periodCount} days, last 30 days held out, one thread`,
    );
  }
  figures.push({ name: 'memory of the process, peak', value: memoryOf(process.pid).peak, unit: 'MB' });
  return { figures, notes: [...notes, 'peer: seasonal naive, the last seven days before the hold-out repeated'] };
}

const { values } = parseArgs({
  options: {
    sales: { type: 'string', multiple: true },
    data: { type: 'string' },
    signals: { type: 'boolean' },
    short: { type: 'boolean' },
  },
});
const { figures, notes } = values.signals ? earlier() : await measureAccuracy(values.sales ?? []);
for (const data of [await sampleSignals(), ...(values.data === undefined ? [] : publicSignalData(values.data, short))])
  figures.push(...signalFigures(data, short));
report('accuracy', figures, [
  ...notes,
  'signals of …: models of the least budget on a sample of the series, with all signals and without each group in turn, at ' +
    'origins over the last year (short form: fewer); signals that tell the same gain little each while the others are there; ' +
    'intervals of 95 % over products and origins',
  ...(values.data === undefined
    ? ['signals of …: without --data those of M5 and Breakfast at the Frat are left out']
    : []),
]);
