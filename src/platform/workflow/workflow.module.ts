import { DynamicModule, Global, Module } from '@nestjs/common';
import { WorkflowSweeper } from './workflow-sweeper.ts';
import { WorkflowsService } from './workflows.service.ts';

/** Runs of workflows over the jobs. `forWorker` also sweeps. */
@Global()
@Module({})
export class WorkflowModule {
  static forApi(): DynamicModule {
    return { module: WorkflowModule, providers: [WorkflowsService], exports: [WorkflowsService] };
  }

  static forWorker(): DynamicModule {
    return { module: WorkflowModule, providers: [WorkflowsService, WorkflowSweeper], exports: [WorkflowsService] };
  }
}
