/** Weeks to each side in which a place shows what a weekday is like. */
const WEEKS = 4;
/** Rows that a place has on such a day, below which none at all is nothing to wonder about: e⁻¹⁰ by chance. */
const ORDINARY_ROWS = 10;

/**
 * Days on which a place said nothing although it ordinarily does: its file is missing, and that nothing was sold must not
 * be learned. Not silent are days on which the place is closed: weekdays on which it mostly has no rows, and days of events.
 * @param rows rows of the place per day
 * @param isEvent whether a day (index into `rows`) has an event
 * @returns indices of days, ascending
 */
export function silentDays(rows: ArrayLike<number>, isEvent: (day: number) => boolean): number[] {
  const silent: number[] = [];
  for (let day = 0; day < rows.length; day++) {
    if (rows[day] > 0 || isEvent(day)) continue;
    let seen = 0;
    let open = 0;
    let sum = 0;
    for (let week = -WEEKS; week <= WEEKS; week++) {
      const other = day + 7 * week;
      if (week === 0 || other < 0 || other >= rows.length) continue;
      seen++;
      sum += rows[other];
      if (rows[other] > 0) open++;
    }
    if (open * 2 > seen && sum >= ORDINARY_ROWS * open) silent.push(day);
  }
  return silent;
}
