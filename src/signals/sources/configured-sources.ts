import type { SignalsConfig } from '../../platform/config/index.ts';
import { fred } from './fred.ts';
import { marketIndex } from './market-index.ts';
import { openMeteo } from './open-meteo.ts';
import type { SignalSource } from './signal-source.ts';

/** The services that are switched on. Another provider is another function of the same form here. */
export function configuredSources({ weather, macro, market }: SignalsConfig): SignalSource[] {
  return [
    ...(weather ? [openMeteo(weather)] : []),
    ...(macro ? [fred(macro)] : []),
    ...(market ? [marketIndex(market)] : []),
  ];
}
