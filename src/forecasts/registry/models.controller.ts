import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedWork } from '../../platform/audit/index.ts';
import { AllowRole, Caller, idCursor, toPage, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { ForecastRequests } from '../requests.ts';
import { ModelDetailDto, modelDetailDto, modelDto, ModelPageDto, ModelsQuery, TrainModelDto } from './model.dto.ts';
import { RegistryService } from './registry.service.ts';

/** Versions of the model and their training. */
@ApiTags('models')
@Controller('models')
export class ModelsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly requests: ForecastRequests,
  ) {}

  @Post('train')
  @AuditedWork('model.training_requested')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('admin')
  @ApiOperation({
    summary: 'Train a model on all sales and publish its forecasts if it passes the gate',
    description: 'The same request while one is unfinished answers the same job.',
  })
  async train(@Caller() caller: Principal, @Body() body: TrainModelDto): Promise<AcceptedJobDto> {
    const job = await this.requests.train(
      {
        seed: body.seed,
        horizonDays: body.horizon_days,
        holdOutDays: body.hold_out_days,
        budget: body.budget,
        deploy: body.deploy,
      },
      caller.userId,
    );
    return AcceptedJobDto.of(job);
  }

  @Get()
  @AllowRole('planner')
  @ApiOperation({ summary: 'Model versions, newest first' })
  async list(@Query() query: ModelsQuery): Promise<ModelPageDto> {
    const before = idCursor(query.cursor);
    const models = await this.registry.list(query.limit, before, query.stage);
    return toPage(models, query.limit, ({ id }) => [id], modelDto);
  }

  @Get(':version')
  @AllowRole('planner')
  @ApiOperation({ summary: 'A model version with its judgement, weights and facts' })
  async get(@Param('version') version: string): Promise<ModelDetailDto> {
    return modelDetailDto(await this.registry.byVersion(version));
  }
}
