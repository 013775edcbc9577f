import { Injectable, Type } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { JobContext, JobProcessor, QueueName, QueueProcessor } from '../../src/platform/queue/index.ts';
import { StepContext, StepProcessor, StepResult } from '../../src/platform/workflow/index.ts';

/** A processor that does `work` for each job of a queue. */
export function jobStandIn<P>(
  queue: QueueName,
  work: (context: JobContext<P>) => Promise<Record<string, unknown>>,
): Type<JobProcessor<P>> {
  @Injectable()
  @QueueProcessor(queue)
  class StandIn extends JobProcessor<P> {
    constructor(@InjectDataSource() dataSource: DataSource) {
      super(dataSource);
    }
    protected handle = work;
  }
  return StandIn;
}

/** A processor that does `work` for each step whose queue it is. */
export function stepStandIn<I>(
  queue: QueueName,
  work: (context: StepContext<I>) => Promise<StepResult>,
): Type<StepProcessor<I>> {
  @Injectable()
  @QueueProcessor(queue)
  class StandIn extends StepProcessor<I> {
    constructor(@InjectDataSource() dataSource: DataSource) {
      super(dataSource);
    }
    protected perform = work;
  }
  return StandIn;
}
