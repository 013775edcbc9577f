import { Controller, Delete, Get, Param, ParseUUIDPipe } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, Idempotent } from '../http/index.ts';
import type { Principal } from '../http/index.ts';
import { JobDto } from '../queue/index.ts';
import { Reads } from '../reads/index.ts';
import { LongWorkService } from './long-work.service.ts';

/** Status and cancellation of long work. */
@ApiTags('jobs')
@Controller('jobs')
@AllowRole('planner')
export class JobsController {
  constructor(
    private readonly work: LongWorkService,
    private readonly reads: Reads,
  ) {}

  @Get(':id')
  @ApiOperation({ summary: 'State, progress and result of a job' })
  async get(@Param('id', ParseUUIDPipe) id: string, @Caller() { userId }: Principal): Promise<JobDto> {
    const job = await this.work.get(id);
    // Who is told that work is done must find what it did.
    await this.reads.remember(userId);
    return job;
  }

  @Delete(':id')
  @Idempotent()
  @ApiOperation({ summary: 'Cancel a job; a finished job stays as it is' })
  async cancel(@Param('id', ParseUUIDPipe) id: string, @Caller() { email }: Principal): Promise<JobDto> {
    return this.work.cancel(id, email);
  }
}
