import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, Idempotent, PageQuery } from '../http/index.ts';
import type { Principal } from '../http/index.ts';
import { QueueAdministration } from './queue-administration.ts';
import { DeadLetterPageDto, QueueListDto, RedriveDto, RedrivenDto } from './queue.dto.ts';

/** Queues and their dead letters, for administrators. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/queues')
@AllowRole('admin')
export class QueuesController {
  constructor(private readonly queues: QueueAdministration) {}

  @Get()
  @ApiOperation({ summary: 'All queues: settings, jobs by state, age of the oldest waiting job, dead letters' })
  async list(): Promise<QueueListDto> {
    return { items: await this.queues.list() };
  }

  @Get(':name/dead-letters')
  @ApiOperation({ summary: 'Jobs that used up their attempts, latest first' })
  async deadLetters(@Param('name') name: string, @Query() query: PageQuery): Promise<DeadLetterPageDto> {
    return this.queues.deadLetters(name, query);
  }

  @Post(':name/redrive')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'Put dead letters back to be tried anew; the runs they belong to go on' })
  async redrive(
    @Param('name') name: string,
    @Body() body: RedriveDto,
    @Caller() caller: Principal,
  ): Promise<RedrivenDto> {
    return this.queues.redrive(name, body.job_ids, caller.email);
  }
}
