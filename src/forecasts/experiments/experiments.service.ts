import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PAIRS } from '../rollout/live-measures.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import type { RolloutRow } from '../rollout/rollout.store.ts';
import { compareArms, type ProductSums } from './compare-arms.ts';

/** What an experiment has shown so far. */
export interface ExperimentReport extends ReturnType<typeof compareArms> {
  /** Days with sales since it began. */
  readonly days: number;
}

/** Compares the champion with a version that serves a fixed share of the products beside it. */
@Injectable()
export class ExperimentsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly rollouts: RolloutService,
  ) {}

  /** Both versions on the days since the experiment began, up to its end. */
  async report(experiment: RolloutRow): Promise<ExperimentReport> {
    const { candidate, champion, stageSince, targetShare, endedAt } = experiment;
    const sums = await this.dataSource.query<(ProductSums & { readonly days: number })[]>(
      `${PAIRS},
       chosen AS (SELECT * FROM pair WHERE $5::timestamptz IS NULL OR date <= $5::timestamptz::date)
       SELECT product, count(DISTINCT location)::int AS series, count(*)::int AS count, sum(actual) AS units,
         sum(abs(actual - "meanB")) AS "absoluteA", sum(abs(actual - "meanA")) AS "absoluteB",
         sum("meanB" - actual) AS "errorA", sum("meanA" - actual) AS "errorB",
         (count(*) FILTER (WHERE actual BETWEEN "p10B" AND "p90B"))::int AS "insideA",
         (count(*) FILTER (WHERE actual BETWEEN "p10A" AND "p90A"))::int AS "insideB",
         (SELECT count(DISTINCT date)::int FROM chosen) AS days
       FROM chosen GROUP BY product ORDER BY product`,
      [candidate, champion, stageSince, null, endedAt],
    );
    // Who serves what follows from the experiment's id and the SKU: the same on every instance, and after its end.
    const { rolloutId } = experiment;
    const served = await this.rollouts.membersOf({ rolloutId, share: targetShare ?? 0 });
    return { days: sums[0]?.days ?? 0, ...compareArms(sums, new Set(served)) };
  }
}
