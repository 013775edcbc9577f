import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, idCursor, Idempotent, PublicId, toPage } from '../http/index.ts';
import type { Principal } from '../http/index.ts';
import { AlertAdministration } from './alert-administration.ts';
import { AlertDto, AlertPageDto, AlertQuery } from './alert.dto.ts';
import { AlertsService } from './alerts.service.ts';

/** Alerts and what is done about them. */
@ApiTags('alerts')
@ApiBearerAuth()
@Controller('alerts')
@AllowRole('planner')
export class AlertsController {
  constructor(
    private readonly alerts: AlertsService,
    private readonly administration: AlertAdministration,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Alerts, latest first' })
  async list(@Query() { cursor, ...query }: AlertQuery): Promise<AlertPageDto> {
    const before = idCursor(cursor);
    const rows = await this.alerts.list({ ...query, before, limit: query.limit + 1 });
    return toPage(rows, query.limit, ({ id }) => [Number(id)], AlertDto.of);
  }

  @Post(':id/acknowledge')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'State that somebody looks after an open alert' })
  async acknowledge(@PublicId() id: string, @Caller() caller: Principal): Promise<AlertDto> {
    return AlertDto.of(await this.administration.acknowledge(id, caller.email));
  }

  @Post(':id/resolve')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'End an alert' })
  async resolve(@PublicId() id: string, @Caller() caller: Principal): Promise<AlertDto> {
    return AlertDto.of(await this.administration.resolve(id, caller.email));
  }
}
