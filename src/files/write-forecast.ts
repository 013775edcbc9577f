import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { SUFFICIENCY_NAMES, type Forecast } from '../engine/index.ts';
import type { ForecastInput, ReadHooks } from './forecast-input.ts';

/** A field as it must stand in a CSV file. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number with up to four decimals and no trailing zeros. */
export function shortNumber(value: number): string {
  return String(Math.round(value * 1e4) / 1e4);
}

/**
 * Writes a line per series and period ahead: series, sku and location where the file has them, date (and d_N), mean and
 * a column per quantile; last how much history the series has and how far its level rests on that. The file appears when it is complete and not before.
 * @throws AbortError when the signal asks for the end; then nothing is left behind
 */
export async function writeForecast(
  file: string,
  input: ForecastInput,
  forecast: Forecast,
  hooks: ReadHooks = {},
): Promise<void> {
  const partial = `${file}.${process.pid}.part`;
  const out = createWriteStream(partial);
  try {
    await once(out, 'open');
    out.write(`${headerOf(input, forecast).join(',')}\n`);
    const rows = forecast.seriesIndices.length;
    for (let row = 0; row < rows; row++) {
      hooks.signal?.throwIfAborted();
      if (!out.write(seriesLines(input, forecast, row))) await once(out, 'drain');
      if (row % 64 === 0) hooks.onProgress?.(row / rows);
    }
    out.end();
    await finished(out);
    renameSync(partial, file);
  } catch (error) {
    out.destroy();
    rmSync(partial, { force: true });
    throw error;
  }
}

function headerOf(input: ForecastInput, { levels }: Forecast): string[] {
  return [
    'series',
    ...(input.skus ? ['sku'] : []),
    ...(input.locations ? ['location'] : []),
    'date',
    ...(input.dayLabels ? ['d'] : []),
    'mean',
    ...levels.map((level) => `q${level}`),
    'history',
    'own_weight',
  ];
}

function seriesLines(input: ForecastInput, forecast: Forecast, row: number): string {
  const { seriesIndices, horizon, mean, quantiles, sufficiency, ownWeight } = forecast;
  const history = `,${SUFFICIENCY_NAMES[sufficiency[row]]},${shortNumber(ownWeight[row])}\n`;
  const s = seriesIndices[row];
  const { panel, skus, locations, dates, dayLabels } = input;
  const key = [input.seriesNames[s], ...(skus ? [skus[s]] : []), ...(locations ? [locations[s]] : [])]
    .map(csvField)
    .join(',');
  let lines = '';
  for (let h = 0; h < horizon; h++) {
    const at = row * horizon + h;
    const t = panel.periodCount + h;
    lines += `${key},${dates[t]}${dayLabels ? `,${dayLabels[t]}` : ''},${shortNumber(mean[at])}`;
    for (const quantile of quantiles) lines += `,${shortNumber(quantile[at])}`;
    lines += history;
  }
  return lines;
}
