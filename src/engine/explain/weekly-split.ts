const WEEK = 7;

/** A path of days taken apart; the three add up to it, day by day. */
export interface WeeklySplit {
  /** Mean of the first seven days, the same on every day. */
  readonly level: Float64Array;
  /** Mean of the seven days around a day over that of the first seven. */
  readonly trend: Float64Array;
  /** What the day is above the mean of the seven days around it: over those seven it adds up to 0. */
  readonly weekday: Float64Array;
}

/**
 * Takes a path of at least seven days apart into level, trend and the days of the week. Weeks are counted from the first
 * day; the days after the last whole week are seen in the path's last seven.
 * @throws RangeError when the path is shorter than a week
 */
export function splitWeekly(path: ArrayLike<number>): WeeklySplit {
  const days = path.length;
  if (days < WEEK) throw new RangeError('A path of less than seven days has no mean of the week');
  const weekOf = (day: number) => Math.min(day - (day % WEEK), days - WEEK);
  const meanFrom = (start: number) => {
    let sum = 0;
    for (let day = start; day < start + WEEK; day++) sum += path[day];
    return sum / WEEK;
  };
  const first = meanFrom(0);
  const level = new Float64Array(days).fill(first);
  const trend = new Float64Array(days);
  const weekday = new Float64Array(days);
  for (let day = 0; day < days; day++) {
    const around = meanFrom(weekOf(day));
    trend[day] = around - first;
    weekday[day] = path[day] - around;
  }
  return { level, trend, weekday };
}
