import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, Idempotent, PublicId } from '../http/index.ts';
import type { Principal } from '../http/index.ts';
import { WorkflowAdministration } from './workflow-administration.ts';
import { WorkflowQuery, WorkflowRunDetailDto, WorkflowRunDto, WorkflowRunPageDto } from './workflow.dto.ts';

/** Runs of workflows, for administrators. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/workflows')
@AllowRole('admin')
export class WorkflowsController {
  constructor(private readonly workflows: WorkflowAdministration) {}

  @Get()
  @ApiOperation({ summary: 'Runs of workflows, latest first' })
  async list(@Query() query: WorkflowQuery): Promise<WorkflowRunPageDto> {
    return this.workflows.list(query, WorkflowRunDto.of);
  }

  @Get(':id')
  @ApiOperation({ summary: 'A run with its graph: steps, shards, attempts, durations, errors and outputs' })
  async get(@PublicId() id: string): Promise<WorkflowRunDetailDto> {
    return WorkflowRunDetailDto.of(await this.workflows.get(id));
  }

  @Post(':id/cancel')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a run with its open jobs; a run that has ended stays as it is' })
  async cancel(@PublicId() id: string, @Caller() caller: Principal): Promise<WorkflowRunDetailDto> {
    return WorkflowRunDetailDto.of(await this.workflows.cancel(id, caller.email));
  }

  @Post(':id/retry')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'Try the failed shards of a failed run again, from where it stood' })
  async retry(@PublicId() id: string, @Caller() caller: Principal): Promise<WorkflowRunDetailDto> {
    return WorkflowRunDetailDto.of(await this.workflows.retry(id, caller.email));
  }
}
