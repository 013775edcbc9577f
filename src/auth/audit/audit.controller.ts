import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole } from '../../platform/http/index.ts';
import { AuditPageDto, AuditQuery } from './audit.dto.ts';
import { AuditService } from './audit.service.ts';

/** The audit trail, for administrators. */
@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/audit')
@AllowRole('admin')
export class AuditController {
  constructor(private readonly audit: AuditService) {}

  @Get()
  @ApiOperation({ summary: 'Who changed what and when, latest first' })
  async list(@Query() query: AuditQuery): Promise<AuditPageDto> {
    return this.audit.list({
      entity: query.entity,
      entityId: query.entity_id,
      limit: query.limit,
      cursor: query.cursor,
    });
  }
}
