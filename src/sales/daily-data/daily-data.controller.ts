import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedWork } from '../../platform/audit/index.ts';
import { AllowRole, Caller, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { CurateDto } from './curate.dto.ts';
import { DailyDataService } from './daily-data.service.ts';

/** The daily data job over days of one's choice. */
@ApiTags('sales')
@Controller('sales-data')
@AllowRole('admin')
export class DailyDataController {
  constructor(private readonly dailyData: DailyDataService) {}

  @Post('curate')
  @AuditedWork('sales.curation_requested')
  @Idempotent()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Bring the curated files of a range of days up to date; the same sales give the same files',
  })
  async curate(@Body() body: CurateDto, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    return AcceptedJobDto.of(await this.dailyData.start({ from: body.from, to: body.to }, caller.userId));
  }
}
