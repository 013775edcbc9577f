import { Module } from '@nestjs/common';
import { QueueAdministration } from './queue-administration.ts';
import { QueuesController } from './queues.controller.ts';
import { ScheduleAdministration } from './schedule-administration.ts';
import { SchedulesController } from './schedules.controller.ts';
import { WorkflowAdministration } from './workflow-administration.ts';
import { WorkflowsController } from './workflows.controller.ts';

/** What administrators see of the machinery and do to it: workflows, queues and schedules. Needs an audit trail to be provided. */
@Module({
  controllers: [WorkflowsController, QueuesController, SchedulesController],
  providers: [WorkflowAdministration, QueueAdministration, ScheduleAdministration],
})
export class OperationsModule {}
