import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, idCursor, Idempotent, PageQuery, PublicId, toPage } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { RolloutService } from '../rollout/rollout.service.ts';
import { ExperimentDto, ExperimentPageDto, ExperimentReportDto, StartExperimentDto } from './experiment.dto.ts';
import { ExperimentsService } from './experiments.service.ts';

const DEFAULT_SHARE_PERCENT = 50;

/** A/B comparisons of versions of the model. */
@ApiTags('models')
@Controller('models/experiments')
export class ExperimentsController {
  constructor(
    private readonly rollouts: RolloutService,
    private readonly experiments: ExperimentsService,
  ) {}

  @Post()
  @Idempotent()
  @HttpCode(201)
  @AllowRole('admin')
  @ApiOperation({
    summary: 'Let a version serve a share of the products beside the champion, and compare the two',
    description:
      'Both forecast everything each day, so that they are also compared on the same series. One rollout or experiment at ' +
      'a time. It lasts until it is stopped, or taken back by itself where the version does harm.',
  })
  async start(@Body() body: StartExperimentDto, @Caller() caller: Principal): Promise<ExperimentDto> {
    const share = (body.share_percent ?? DEFAULT_SHARE_PERCENT) / 100;
    return ExperimentDto.of(await this.rollouts.start(body.version, { name: body.name ?? null, share }, caller.email));
  }

  @Get()
  @AllowRole('planner')
  @ApiOperation({ summary: 'Experiments, latest first' })
  async list(@Query() query: PageQuery): Promise<ExperimentPageDto> {
    const before = idCursor(query.cursor);
    const rows = await this.rollouts.list('experiment', before, query.limit + 1);
    return toPage(rows, query.limit, ({ id }) => [id], ExperimentDto.of);
  }

  @Get(':id')
  @AllowRole('planner')
  @ApiOperation({ summary: 'An experiment: both arms with intervals, and the paired test' })
  async get(@PublicId() id: string): Promise<ExperimentReportDto> {
    const { rollout, events } = await this.rollouts.get(id, 'experiment');
    return ExperimentReportDto.with(rollout, events, await this.experiments.report(rollout));
  }

  @Post(':id/stop')
  @Idempotent()
  @HttpCode(200)
  @AllowRole('admin')
  @ApiOperation({ summary: 'End an experiment; the champion serves everything again' })
  async stop(@PublicId() id: string, @Caller() caller: Principal): Promise<ExperimentDto> {
    return ExperimentDto.of(await this.rollouts.stop(id, caller.email));
  }
}
