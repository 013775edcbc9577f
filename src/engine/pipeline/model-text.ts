import { CorruptModelError } from '../errors.ts';
import { fnv1a64 } from '../gbdt/checksum.ts';
import { parseBooster, serializeBooster } from '../gbdt/index.ts';
import type { FittedForecaster } from './fitted.ts';

const MAGIC = 'shelfcast-forecaster';
const VERSION = '3';

/**
 * A forecaster as text: a line with name, version and checksum, then one line of JSON with the boosters, the weights
 * per segment, the calibration and the settings. The same forecaster always gives the same text.
 */
export function serializeForecaster(forecaster: FittedForecaster): string {
  const { fitted, lessons } = forecaster;
  const { boosters, logBoosters, aggregateBoosters } = fitted;
  const body = JSON.stringify({
    fitted: {
      ...fitted,
      boosters: boosters.map(serializeBooster),
      logBoosters: logBoosters.map(serializeBooster),
      aggregateBoosters: aggregateBoosters.map(serializeBooster),
    },
    lessons,
  });
  return `${MAGIC} ${VERSION} ${fnv1a64(body)}\n${body}\n`;
}

/**
 * Reads what {@link serializeForecaster} wrote.
 * @throws CorruptModelError when the text is foreign, of another version, cut short or changed
 */
export function parseForecaster(text: string): FittedForecaster {
  const lineEnd = text.indexOf('\n');
  const [magic, version, checksum] = text.slice(0, Math.max(0, lineEnd)).split(' ');
  if (magic !== MAGIC) throw new CorruptModelError('The text is not a forecasting model');
  if (version !== VERSION) throw new CorruptModelError(`The model has version ${version}, expected ${VERSION}`);
  const body = text.slice(lineEnd + 1).replace(/\n$/, '');
  if (fnv1a64(body) !== checksum) throw new CorruptModelError('The model does not match its checksum');
  // The checksum vouches for the shape: only serializeForecaster writes a body with its own checksum.
  const raw = JSON.parse(body) as { fitted: StoredBoosters; lessons: FittedForecaster['lessons'] };
  const { boosters, logBoosters, aggregateBoosters } = raw.fitted;
  return {
    fitted: {
      ...raw.fitted,
      boosters: boosters.map(parseBooster),
      logBoosters: logBoosters.map(parseBooster),
      aggregateBoosters: aggregateBoosters.map(parseBooster),
    },
    lessons: raw.lessons,
  };
}

type StoredBoosters = Omit<FittedForecaster['fitted'], 'boosters' | 'logBoosters' | 'aggregateBoosters'> & {
  readonly boosters: readonly string[];
  readonly logBoosters: readonly string[];
  readonly aggregateBoosters: readonly string[];
};
