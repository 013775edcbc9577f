import type { SignalGroup } from '../../engine/index.ts';
import type { AppConfig, ModelSignal } from '../../platform/config/index.ts';
import { SIGNAL_COVARIATES } from '../../signals/index.ts';

/** The signals of the sales files and of the calendar, which are no adapters. */
const OWN: readonly SignalGroup[] = [
  { name: 'price', price: true },
  { name: 'promotion', promotion: true },
  { name: 'calendar', events: true },
];
const ADAPTERS = Object.keys(SIGNAL_COVARIATES) as ModelSignal[];

/** All groups of signals a model may learn from, in the order in which they are reported. */
export const SIGNAL_GROUPS: readonly SignalGroup[] = [
  ...OWN,
  ...ADAPTERS.map((name) => ({ name, covariates: SIGNAL_COVARIATES[name] })),
];

/** Whether the configuration keeps a group from models, or fetches nothing of it. What comes by files is never off for that. */
export function isSwitchedOff(group: string, { signals }: Pick<AppConfig, 'signals'>): boolean {
  if (group === 'calendar') return !signals.festivals && signals.holidays === null;
  const adapter = ADAPTERS.find((name) => name === group);
  if (adapter === undefined) return false;
  if (!signals.inModels.includes(adapter)) return true;
  return (adapter === 'weather' || adapter === 'macro' || adapter === 'market') && signals[adapter] === null;
}
