import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AnomalyPageDto, AnomalyQuery, VersionAccuracyDto } from './monitoring.dto.ts';
import { MonitoringService } from './monitoring.service.ts';

/** How forecasts did once the days were over. */
@ApiTags('forecasts')
@Controller()
export class MonitoringController {
  constructor(private readonly monitoring: MonitoringService) {}

  @Get('forecasts/anomalies')
  @AllowRole('viewer')
  @ApiOperation({ summary: 'Days on which a series sold what its forecast did not expect, latest first' })
  async anomalies(@Caller() caller: Principal, @Query() query: AnomalyQuery): Promise<AnomalyPageDto> {
    return this.monitoring.anomalies(caller, query);
  }

  @Get('models/:version/accuracy')
  @AllowRole('planner')
  @ApiOperation({
    summary:
      'Accuracy of a version on days it had forecast: by segment, days ahead and vintage; and what each signal gains',
  })
  async accuracy(@Param('version') version: string): Promise<VersionAccuracyDto> {
    return this.monitoring.accuracy(version);
  }
}
