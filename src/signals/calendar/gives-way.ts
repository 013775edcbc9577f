/** The condition that a listed day gives way to what a planner entered. @param listed name of its table */
export function givesWay(listed: 'e' | 'w'): string {
  return `EXISTS (SELECT FROM calendar_events AS p
    WHERE p.source = 'planner' AND p.kind IN ('festival', 'holiday') AND (p.date = ${listed}.date
      OR (p.name = ${listed}.name AND p.date BETWEEN ${listed}.date - 7 AND ${listed}.date + 7)))`;
}
