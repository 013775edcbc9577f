import { CorruptModelError } from '../errors.ts';
import { fnv1a64 } from '../gbdt/checksum.ts';
import { parseBooster, serializeBooster } from '../gbdt/index.ts';
import type { FittedBoosters, FittedForecaster } from './fitted.ts';

const FORECASTER = { magic: 'shelfcast-forecaster', version: '3', what: 'a forecasting model' };
const BOOSTERS = { magic: 'shelfcast-boosters', version: '1', what: 'a set of fitted boosters' };

/**
 * A forecaster as text: a line with name, version and checksum, then one line of JSON with the boosters, the weights
 * per segment, the calibration and the settings. The same forecaster always gives the same text.
 */
export function serializeForecaster({ fitted, lessons }: FittedForecaster): string {
  return sealed(FORECASTER, JSON.stringify({ fitted: stored(fitted), lessons }));
}

/**
 * Reads what {@link serializeForecaster} wrote.
 * @throws CorruptModelError when the text is foreign, of another version, cut short or changed
 */
export function parseForecaster(text: string): FittedForecaster {
  const { fitted, lessons } = JSON.parse(opened(FORECASTER, text)) as {
    fitted: StoredBoosters;
    lessons: FittedForecaster['lessons'];
  };
  return { fitted: restored(fitted), lessons };
}

/** The boosters of one fit as text, in the same form. */
export function serializeFitted(fitted: FittedBoosters): string {
  return sealed(BOOSTERS, JSON.stringify(stored(fitted)));
}

/** Reads what {@link serializeFitted} wrote. @throws CorruptModelError */
export function parseFitted(text: string): FittedBoosters {
  return restored(JSON.parse(opened(BOOSTERS, text)) as StoredBoosters);
}

type Kind = typeof FORECASTER;

function sealed({ magic, version }: Kind, body: string): string {
  return `${magic} ${version} ${fnv1a64(body)}\n${body}\n`;
}

/** The body of a text. The checksum vouches for its shape: only `sealed` writes a body with its own checksum. */
function opened(kind: Kind, text: string): string {
  const lineEnd = text.indexOf('\n');
  const [magic, version, checksum] = text.slice(0, Math.max(0, lineEnd)).split(' ');
  if (magic !== kind.magic) throw new CorruptModelError(`The text is not ${kind.what}`);
  if (version !== kind.version)
    throw new CorruptModelError(`The model has version ${version}, expected ${kind.version}`);
  const body = text.slice(lineEnd + 1).replace(/\n$/, '');
  if (fnv1a64(body) !== checksum) throw new CorruptModelError('The model does not match its checksum');
  return body;
}

type StoredBoosters = Omit<FittedBoosters, 'boosters' | 'logBoosters' | 'aggregateBoosters'> & {
  readonly boosters: readonly string[];
  readonly logBoosters: readonly string[];
  readonly aggregateBoosters: readonly string[];
};

function stored(fitted: FittedBoosters): StoredBoosters {
  const { boosters, logBoosters, aggregateBoosters } = fitted;
  return {
    ...fitted,
    boosters: boosters.map(serializeBooster),
    logBoosters: logBoosters.map(serializeBooster),
    aggregateBoosters: aggregateBoosters.map(serializeBooster),
  };
}

function restored(raw: StoredBoosters): FittedBoosters {
  const { boosters, logBoosters, aggregateBoosters } = raw;
  return {
    ...raw,
    boosters: boosters.map(parseBooster),
    logBoosters: logBoosters.map(parseBooster),
    aggregateBoosters: aggregateBoosters.map(parseBooster),
  };
}
