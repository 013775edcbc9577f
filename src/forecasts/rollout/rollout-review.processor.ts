import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobProcessor, QueueProcessor } from '../../platform/queue/index.ts';
import { RolloutService } from './rollout.service.ts';

/** Looks at the rollout under way when days have come in: on, wait, or back. */
@Injectable()
@QueueProcessor('rollout-review')
export class RolloutReviewProcessor extends JobProcessor<Record<string, never>> {
  constructor(
    @InjectDataSource() dataSource: DataSource,
    private readonly rollouts: RolloutService,
  ) {
    super(dataSource);
  }

  protected async handle(): Promise<Record<string, unknown>> {
    return { ...((await this.rollouts.review()) ?? { action: 'none', reason: 'No rollout is under way' }) };
  }
}
