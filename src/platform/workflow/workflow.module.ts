import { DynamicModule, Global, Module } from '@nestjs/common';
import { JobsController } from './jobs.controller.ts';
import { LongWorkService } from './long-work.service.ts';
import { WorkflowSweeper } from './workflow-sweeper.ts';
import { WorkflowsService } from './workflows.service.ts';

/** Runs of workflows over the jobs. `forApi` serves the routes of long work, `forWorker` sweeps. */
@Global()
@Module({})
export class WorkflowModule {
  static forApi(): DynamicModule {
    return {
      module: WorkflowModule,
      controllers: [JobsController],
      providers: [WorkflowsService, LongWorkService],
      exports: [WorkflowsService],
    };
  }

  static forWorker(): DynamicModule {
    return { module: WorkflowModule, providers: [WorkflowsService, WorkflowSweeper], exports: [WorkflowsService] };
  }
}
