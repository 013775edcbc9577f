import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole } from '../../platform/http/index.ts';
import { AuditPageDto, AuditQuery, AuditVerificationDto } from './audit.dto.ts';
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

  @Get('verification')
  @ApiOperation({
    summary: 'Whether the trail was tampered with, as of the latest verification',
    description:
      'Every night the chain of hashes over all entries is computed again. 404 until the first time. By hand: ' +
      '`node dist/src/audit.js verify`.',
  })
  verification(): Promise<AuditVerificationDto> {
    return this.audit.latestVerification();
  }
}
