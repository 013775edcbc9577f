import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedWork } from '../../platform/audit/index.ts';
import { AllowRole, Caller, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { RegistryService } from '../registry/registry.service.ts';
import { ForecastRequests } from '../requests.ts';

/** Measuring what signals are worth. */
@ApiTags('models')
@Controller('models')
export class AblationController {
  constructor(
    private readonly registry: RegistryService,
    private readonly requests: ForecastRequests,
  ) {}

  @Post(':version/ablation')
  @AuditedWork('model.ablation_requested')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('admin')
  @ApiOperation({
    summary: 'Measure what each group of signals gains on the history the version learned from',
    description:
      'Small models are trained with and without each group and compared on the same days; `signals` of the accuracy of ' +
      'the version tells what came of it. The same request while one is unfinished answers the same job.',
  })
  async measure(@Param('version') version: string, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    const { id } = await this.registry.byVersion(version);
    return AcceptedJobDto.of(await this.requests.measureSignals(id, caller.userId));
  }
}
