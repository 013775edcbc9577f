import type { DataSource } from 'typeorm';
import { inParts } from './chore.ts';

/** Rows removed at a time. */
const PART_ROWS = 10_000;

/**
 * Removes the rows of a table that meet a condition, in parts.
 * @param table name of the table, never from outside
 * @param condition SQL over its columns, with `$1` for the value
 * @returns how many rows went
 */
export function removeRows(
  { manager }: DataSource,
  signal: AbortSignal,
  { table, condition, value }: { readonly table: string; readonly condition: string; readonly value: unknown },
): Promise<number> {
  return inParts(signal, PART_ROWS, async () => {
    const [, count] = await manager.query<[unknown[], number]>(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${PART_ROWS}))`,
      [value],
    );
    return count;
  });
}
