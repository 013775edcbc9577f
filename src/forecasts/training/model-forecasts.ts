import { Injectable } from '@nestjs/common';
import type { Forecast, ForecastOptions, ForecastPart } from '../../engine/index.ts';
import { AlertsService } from '../../platform/alerts/index.ts';
import { DamagedModelError, ModelArtefacts } from '../registry/model-artefacts.ts';
import type { ModelVersion } from '../registry/registry.service.ts';
import { assemble, ComputeHooks, forecast } from './compute.ts';
import { isSound } from './forecast-rows.ts';
import type { LoadedPanel } from './panel-loader.ts';

/** Forecasts with versions of the model, for all that is stored. */
@Injectable()
export class ModelForecasts {
  constructor(
    private readonly artefacts: ModelArtefacts,
    private readonly alerts: AlertsService,
  ) {}

  /**
   * The text of a model; where it is damaged an alert says so, and what was forecast before stays.
   * @throws DamagedModelError
   */
  async textOf({ version, artefactKey: key, artefactSha256: sha256 }: ModelVersion): Promise<string> {
    try {
      return await this.artefacts.load({ version, key, sha256 });
    } catch (error) {
      if (error instanceof DamagedModelError)
        await this.alerts.raise({
          kind: 'model.damaged',
          severity: 'critical',
          subject: `The stored model ${version} is missing or damaged; its earlier forecasts are served`,
          detail: { model_version: version, artefact_key: key },
          dedupeKey: `model.damaged:${version}`,
        });
      throw error;
    }
  }

  /**
   * Forecasts in threads; the panel's arrays move there. @param model text of the version
   * @param parts what the members have forecast for all series already
   * @throws Error when the model forecasts what cannot be published
   */
  async forecast(
    { version }: ModelVersion,
    model: string,
    { panel, events }: Pick<LoadedPanel, 'panel' | 'events'>,
    options: ForecastOptions,
    hooks: ComputeHooks,
    parts?: readonly ForecastPart[],
  ): Promise<{ readonly forecast: Forecast; readonly computeMs: number }> {
    const began = performance.now();
    const input = { model, panel, events, options };
    const result = await (parts ? assemble({ ...input, parts }, hooks) : forecast(input, hooks));
    if (!isSound(result)) throw new Error(`Model ${version} forecast a value that is negative or not a number`);
    return { forecast: result, computeMs: Math.round(performance.now() - began) };
  }
}
