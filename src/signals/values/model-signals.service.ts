import { Inject, Injectable } from '@nestjs/common';
import type { Covariate } from '../../engine/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig, ModelSignal } from '../../platform/config/index.ts';
import { isoOf } from '../civil-day.ts';
import {
  changeCovariate,
  growthCovariate,
  MARKET_LEAD_DAYS,
  measuredCovariate,
  PanelFrame,
  plannedCovariate,
  weatherCovariate,
  WEATHER_LEAD_DAYS,
} from './model-covariates.ts';
import { SignalValues } from './signal-values.ts';

/** Growth looks a year back, and the year before may be published late. */
const MACRO_LEAD_DAYS = 900;

/** Names under which the signals of each group enter models. */
export const SIGNAL_COVARIATES = {
  weather: ['temperature', 'rainfall'],
  'local-events': ['local_event'],
  traffic: ['traffic'],
  macro: ['inflation', 'gdp_growth'],
  market: ['market_change'],
} as const satisfies Record<ModelSignal, readonly string[]>;

/** The stored signals in the form in which models learn from them. */
@Injectable()
export class ModelSignalsService {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly values: SignalValues,
  ) {}

  /**
   * Covariates for a panel from the groups that the configuration lets into models, as everything was known on the day after
   * the panel's last: the same panel gets the same ones for ever. A signal without values is left out.
   */
  async covariates(frame: PanelFrame): Promise<Covariate[]> {
    const groups = this.config.signals.inModels;
    const found: (Covariate | null)[] = [];
    if (groups.includes('weather'))
      for (const signal of SIGNAL_COVARIATES.weather)
        found.push(weatherCovariate(signal, await this.known(signal, frame, WEATHER_LEAD_DAYS), frame));
    if (groups.includes('local-events'))
      found.push(plannedCovariate('local_event', await this.known('local_event', frame, 0), frame));
    if (groups.includes('traffic'))
      found.push(measuredCovariate('traffic', await this.known('traffic', frame, 0), frame));
    if (groups.includes('macro')) found.push(...(await this.economy(frame)));
    if (groups.includes('market'))
      found.push(
        changeCovariate('market_change', (await this.known('market_index', frame, MARKET_LEAD_DAYS))[0], frame),
      );
    return found.filter((covariate) => covariate !== null);
  }

  private known(signal: string, { startDay, endDay, ahead }: PanelFrame, lead: number) {
    return this.values.knownOn(signal, isoOf(endDay + 1), isoOf(startDay - lead), isoOf(endDay + ahead));
  }

  private async economy(frame: PanelFrame): Promise<(Covariate | null)[]> {
    const { startDay, endDay } = frame;
    const vintages = await this.values.vintages(['cpi', 'gdp'], isoOf(endDay), isoOf(startDay - MACRO_LEAD_DAYS));
    return [
      growthCovariate({ name: 'inflation', signal: 'cpi' }, vintages, frame),
      growthCovariate({ name: 'gdp_growth', signal: 'gdp' }, vintages, frame),
    ];
  }
}
