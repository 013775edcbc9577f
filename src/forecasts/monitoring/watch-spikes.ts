import type { EntityManager } from 'typeorm';
import { findSpikes, Spike, SpikeCandidate } from '../../engine/index.ts';
import type { AlertsService } from '../../platform/alerts/index.ts';
import { dayOf, isoOf } from '../../signals/index.ts';
import { LATEST_OUTCOMES } from './watch-day.ts';

/** Alerts of one day at most; a planner reads no more of them. */
const MOST_ALERTS = 20;
const KIND = 'demand.spike';

type Row = Omit<SpikeCandidate, 'day'>;

/**
 * Looks for products that sold far more on a day than anybody expected, and raises an alert for each that neither a
 * promotion nor an event of the calendar explains. One that a correction of the sales explained away is settled.
 */
export async function watchSpikes(manager: EntityManager, alerts: AlertsService, date: string): Promise<void> {
  const run = (sql: string, parameters: unknown[]) => manager.query(sql, parameters);
  const spikes = (await isEvent(manager, date)) ? [] : await spikesOf(manager, date);
  const names = await manager.query<{ id: number; product_id: string; sku: string }[]>(
    'SELECT id, product_id, sku FROM products WHERE id = ANY ($1)',
    [spikes.map(({ product }) => product)],
  );
  const named = new Map(names.map((name) => [name.id, name]));
  const keys: string[] = [];
  for (const { product, places, placesInAll, days, sold, expected } of spikes) {
    const name = named.get(product);
    if (!name) continue;
    const { product_id, sku } = name;
    const dedupeKey = `${KIND}:${date}:${product_id}`;
    keys.push(dedupeKey);
    const where = `at ${places} of ${placesInAll} places${days > 1 ? ', for the second day' : ''}`;
    await alerts.raise(
      {
        kind: KIND,
        severity: 'warning',
        subject: `${sku} sold ${round(sold)} instead of ${round(expected)} on ${date} ${where}`,
        detail: { date, product_id, sku, places, places_in_all: placesInAll, days, sold, expected },
        dedupeKey,
      },
      run,
    );
  }
  const open = await manager.query<{ key: string }[]>(
    `SELECT dedupe_key AS key FROM alerts WHERE kind = $1 AND state <> 'resolved' AND detail ->> 'date' = $2
       AND dedupe_key <> ALL ($3)`,
    [KIND, date, keys],
  );
  for (const { key } of open) await alerts.settle(key, run);
}

async function spikesOf(manager: EntityManager, date: string): Promise<Spike[]> {
  const latest = dayOf(date);
  const candidates: SpikeCandidate[] = [];
  for (const day of [latest - 1, latest]) {
    const rows = await manager.query<Row[]>(
      `SELECT product, location, actual, mean, p50, p90, coalesce(promotion > 0, false) AS promoted
       FROM (${LATEST_OUTCOMES}) AS latest WHERE actual > p90`,
      [isoOf(day)],
    );
    for (const row of rows) candidates.push({ ...row, day });
  }
  if (candidates.length === 0) return [];
  const counts = await manager.query<{ product: number; places: number }[]>(
    `SELECT product, count(*)::int AS places FROM (${LATEST_OUTCOMES}) AS latest GROUP BY product`,
    [date],
  );
  const places = new Map(counts.map((count) => [count.product, count.places]));
  return findSpikes(candidates, latest, { places }).slice(0, MOST_ALERTS);
}

/** Whether the calendar knows of the day: what then sells has its reason. */
async function isEvent(manager: EntityManager, date: string): Promise<boolean> {
  const events = await manager.query<unknown[]>('SELECT 1 FROM calendar_events WHERE date = $1 LIMIT 1', [date]);
  return events.length > 0;
}

const round = (units: number) => Math.round(10 * units) / 10;
