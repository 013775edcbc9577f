import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { AuditedWork } from '../../platform/audit/index.ts';
import { AllowRole, Caller, Idempotent, InvalidRequestError } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { ArchivedMonthDto, SalesArchiveDto } from './archive.dto.ts';
import { SalesArchiveService } from './sales-archive.service.ts';

const MONTH = /^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/;

/** Months of sales that were moved out of the tables. */
@ApiTags('sales')
@Controller('sales-data/archive')
@AllowRole('admin')
export class SalesArchiveController {
  constructor(
    private readonly archive: SalesArchiveService,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Months of sales in the archive, and those brought back' })
  async list(): Promise<SalesArchiveDto> {
    const months = await this.archive.list();
    return { retention_months: this.config.retention.salesMonths, months: months.map(ArchivedMonthDto.of) };
  }

  @Post(':month/restore')
  @AuditedWork('sales.restore_requested')
  @Idempotent()
  @HttpCode(202)
  @ApiOperation({ summary: 'Bring the sales of an archived month back; they stay for thirty days' })
  @ApiParam({ name: 'month', description: 'Written yyyy-mm' })
  async restore(@Param('month') month: string, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    if (!MONTH.test(month)) throw new InvalidRequestError('month', 'must be a month written yyyy-mm');
    return AcceptedJobDto.of(await this.archive.restore(`${month}-01`, caller.userId));
  }
}
