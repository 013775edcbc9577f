import { join } from 'node:path';
import {
  ablateSignals,
  type AblationOptions,
  type CalendarEvent,
  type Panel,
  type SignalGain,
  type SignalGroup,
} from '../../src/engine/index.ts';
import type { Figure } from '../report.ts';
import { fratPanel, readFrat } from './frat-data.ts';
import { m5Panel, readM5 } from './m5-evaluator.ts';

/** Sales with signals whose worth is measured. */
export interface SignalData {
  readonly name: string;
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly groups: readonly SignalGroup[];
  /** Which plans are known ahead. */
  readonly known: AblationOptions['known'];
  readonly horizon: number;
  /** The group that must show a gain for the method to be believed, since everybody finds one there. */
  readonly certain?: string;
}

/** Series and origins compared; the short form shows that it works. */
const FULL = { series: 300, rounds: 6 };
const SHORT = { series: 60, rounds: 3 };
/** The short form takes one store in so many. */
const SHORT_STORES = 16;

/** Public sales of which signals are told: M5 with prices, food stamps and events, and the Frat with promotions. */
export function publicSignalData(folder: string, short: boolean): SignalData[] {
  return [m5Data(join(folder, 'm5'), short), fratData(join(folder, 'breakfast-at-the-frat'), short)];
}

function m5Data(folder: string, short: boolean): SignalData {
  const m5 = short ? readM5(folder, ['CA_1']) : readM5(folder);
  return {
    name: 'M5',
    panel: m5Panel(m5, m5.salesDays),
    events: m5.calendar.events,
    groups: [
      { name: 'price', price: true },
      { name: 'SNAP', covariates: ['snap'] },
      { name: 'events', events: true },
      { name: 'all of them', price: true, covariates: ['snap'], events: true },
    ],
    known: { price: true },
    horizon: 28,
  };
}

function fratData(folder: string, short: boolean): SignalData {
  const frat = readFrat(folder, (store) => !short || store % SHORT_STORES === 0);
  const price = { price: true, covariates: ['base_price'] };
  return {
    name: 'Breakfast at the Frat',
    panel: fratPanel(frat, frat.weeks, 0).panel,
    events: [],
    groups: [
      { name: 'price', ...price },
      { name: 'leaflet', promotion: true },
      { name: 'display', covariates: ['display'] },
      { name: 'price cut flag', covariates: ['reduced'] },
      { name: 'all of them', ...price, promotion: true, covariates: ['base_price', 'display', 'reduced'] },
    ],
    known: { price: true, promotion: true },
    horizon: 4,
    certain: 'all of them',
  };
}

/** What each group of signals gains, in points of WAPE, with its interval. */
export function signalFigures(data: SignalData, short: boolean): Figure[] {
  const { name, panel, events, groups, known, horizon, certain } = data;
  const size = short ? SHORT : FULL;
  const found = ablateSignals(
    panel,
    events,
    groups,
    { ...size, known, horizon, seed: 1, budget: 'quick' },
    { onProgress: (percent, message) => process.stdout.write(`\r${name}: ${percent} % ${message}          `) },
  );
  process.stdout.write('\n');
  const [first] = found.groups;
  return [
    { name: `signals of ${name}: WAPE with all`, value: 100 * (first.overall?.whole.wape ?? NaN), unit: '%' },
    ...found.groups.flatMap((gain) => gainFigures(name, gain, gain.group === certain && !short)),
  ];
}

function gainFigures(name: string, { group, overall }: SignalGain, isCertain: boolean): Figure[] {
  const gain = overall?.gain;
  if (!overall || !gain) return [];
  const verdict = overall.verdict.replaceAll('_', ' ');
  const points = (value: number) => 100 * value;
  const part = (what: string, value: number, target?: Figure['target']): Figure => ({
    name: `signals of ${name}: ${group}, ${what}`,
    value: points(value),
    unit: 'points',
    target,
  });
  return [
    part(`WAPE without less with (${verdict})`, gain.value),
    part('lower end of the interval', gain.low, isCertain ? { atLeast: 0 } : undefined),
    part('upper end of the interval', gain.high),
    part('quantile loss without less with', overall.quantileGain?.value ?? NaN),
  ];
}
