import type { DataSource } from 'typeorm';
import type { SignalComparison } from '../../engine/index.ts';
import { SIGNAL_GROUPS } from './model-signal-groups.ts';

/** What was found of a group: a comparison, or that it is switched off or there are no data of it. */
export const SIGNAL_VERDICTS = ['gains', 'no_measurable_gain', 'harms', 'off', 'no_data'] as const;

/** A group of signals as it was measured; null comparisons where there was nothing to compare. */
export interface StoredGain {
  readonly group: string;
  readonly verdict: (typeof SIGNAL_VERDICTS)[number];
  readonly overall: SignalComparison | null;
  readonly bySegment: readonly SignalComparison[] | null;
}

/** What was measured of the signals of a version, in the order of the groups; empty before it was. */
export async function signalGains(
  dataSource: DataSource,
  model: number,
): Promise<(StoredGain & { readonly measuredAt: Date })[]> {
  return dataSource.query(
    `SELECT signal_group AS "group", verdict, overall, by_segment AS "bySegment", measured_at AS "measuredAt"
     FROM signal_gains WHERE model = $1 ORDER BY array_position($2::text[], signal_group)`,
    [model, SIGNAL_GROUPS.map(({ name }) => name)],
  );
}
