import type { Client } from 'pg';

/**
 * A file's row is the settled total of its product, place and day: what events had added up to there is no longer kept
 * up, and events that come later are not added to it. To be called inside a load, with its rows in `fresh`, under the lock
 * of the writers of sales.
 */
export async function settleStreamed(client: Client): Promise<void> {
  await client.query(
    `DELETE FROM stream_totals AS t USING fresh AS f
     WHERE t.product = f.product AND t.location = f.location AND t.date = f.date`,
  );
}
