/** Every cached answer about forecasts stands under this prefix. */
export const FORECAST_CACHE_PREFIX = 'forecast:';

/** Longest a cached answer lives, seconds. */
export const CACHE_TTL_SECONDS = 3600;

/** Seconds that the answer about a day lives for each day between the business date and it. */
const TTL_SECONDS_PER_DAY = 600;

/**
 * Seconds an answer lives whose nearest day lies so many days ahead: near days change with every sale and are asked for
 * again, far ones hardly move. At most {@link CACHE_TTL_SECONDS}, at least the time of one day ahead.
 */
export function ttlSeconds(daysAhead: number): number {
  return Math.min(CACHE_TTL_SECONDS, TTL_SECONDS_PER_DAY * Math.max(1, daysAhead));
}

/** A name as part of a key: as it is, unless it could be taken for something else in the key. */
function keyPart(name: string): string {
  return name === 'all' || /[:=~*?%\s]/.test(name) ? `~${encodeURIComponent(name)}` : name;
}

/**
 * Key of the ranking of products: `forecast:{category}:{period}:v1`, with `all` where no category is named and
 * `:loc={locations}` after it where places are.
 */
export function topProductsKey(
  category: string | undefined,
  period: string,
  locationIds: readonly string[] | undefined,
): string {
  const places = locationIds?.length ? `:loc=${[...new Set(locationIds)].sort().join(',')}` : '';
  return `${FORECAST_CACHE_PREFIX}${category === undefined ? 'all' : keyPart(category)}:${period}:v1${places}`;
}

/** Which part of a series' forecast an answer shows. */
export interface SeriesAnswerKey {
  readonly epoch: string;
  readonly productId: string;
  readonly locationId: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly asOf: string | undefined;
  /** Length of time a point stands for. */
  readonly grain: string;
}

/** Key of a series' answer; it names the state of the forecasts, so that an old answer is never found again. */
export function seriesAnswerKey({ epoch, productId, locationId, from, to, asOf, grain }: SeriesAnswerKey): string {
  const rest = [productId, locationId ?? 'all', from ?? '', to ?? '', asOf ?? '', grain].join(':');
  return `${FORECAST_CACHE_PREFIX}series:${epoch}:${rest}`;
}
