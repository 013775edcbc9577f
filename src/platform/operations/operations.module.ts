import { Module } from '@nestjs/common';
import { QueueAdministration } from './queue-administration.ts';
import { QueuesController } from './queues.controller.ts';
import { WorkflowAdministration } from './workflow-administration.ts';
import { WorkflowsController } from './workflows.controller.ts';

/** What administrators see of the machinery and do to it: workflows and queues. Needs an audit trail to be provided. */
@Module({
  controllers: [WorkflowsController, QueuesController],
  providers: [WorkflowAdministration, QueueAdministration],
})
export class OperationsModule {}
