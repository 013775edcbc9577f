import { Controller, Delete, Get, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Idempotent } from '../http/index.ts';
import { JobDto } from '../queue/index.ts';
import { LongWorkService } from './long-work.service.ts';

/** Status and cancellation of long work. */
@ApiTags('jobs')
@Controller('jobs')
@AllowRole('planner')
export class JobsController {
  constructor(private readonly work: LongWorkService) {}

  @Get(':id')
  @ApiOperation({ summary: 'State, progress and result of a job' })
  async get(@Param('id', ParseUUIDPipe) id: string): Promise<JobDto> {
    return this.work.get(id);
  }

  @Delete(':id')
  @Idempotent()
  @ApiOperation({ summary: 'Cancel a job; a finished job stays as it is' })
  async cancel(@Param('id', ParseUUIDPipe) id: string): Promise<JobDto> {
    return this.work.cancel(id);
  }
}
