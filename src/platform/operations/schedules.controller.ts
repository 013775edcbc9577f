import { Body, Controller, Get, Headers, Param, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRole, answerVersioned, Caller, etagOf, Idempotent, PageQuery } from '../http/index.ts';
import type { Principal } from '../http/index.ts';
import { ScheduleAdministration } from './schedule-administration.ts';
import { ScheduleDto, ScheduleListDto, TickPageDto, WriteScheduleDto } from './schedule.dto.ts';

/** Schedules, for administrators. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/schedules')
@AllowRole('admin')
export class SchedulesController {
  constructor(private readonly schedules: ScheduleAdministration) {}

  @Get()
  @ApiOperation({ summary: 'All schedules: when they come due next, and what their latest tick started' })
  async list(): Promise<ScheduleListDto> {
    return { items: await this.schedules.list() };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One schedule, under its ETag' })
  async get(
    @Param('name') name: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleDto | undefined> {
    return answerVersioned(await this.schedules.get(name), ifNoneMatch, reply, ({ body }) => body);
  }

  @Get(':name/ticks')
  @ApiOperation({ summary: 'When a schedule came due and what was started, latest first' })
  async ticks(@Param('name') name: string, @Query() query: PageQuery): Promise<TickPageDto> {
    return this.schedules.ticks(name, query);
  }

  @Put(':name')
  @Idempotent()
  @ApiOperation({ summary: 'Set when a schedule comes due; what came due before is not made up for' })
  async replace(
    @Param('name') name: string,
    @Body() body: WriteScheduleDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleDto> {
    const state = { cron: body.cron, timezone: body.timezone ?? null, enabled: body.enabled ?? true };
    const schedule = await this.schedules.replace(name, state, ifMatch, caller.email);
    reply.header('etag', etagOf(schedule));
    return schedule.body;
  }
}
