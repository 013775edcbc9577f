import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AllowRole, Caller, idCursor, Idempotent, PageQuery, PublicId, toPage } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import {
  AdvanceRolloutDto,
  PromoteModelDto,
  PromotionDto,
  RolloutDetailDto,
  RolloutDto,
  RolloutEventDto,
  RolloutPageDto,
} from './rollout.dto.ts';
import { RolloutService } from './rollout.service.ts';

/** Versions of the model on their way into use, and back. */
@ApiTags('models')
@Controller('models')
export class RolloutController {
  constructor(private readonly rollouts: RolloutService) {}

  @Post(':version/promote')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('admin')
  @ApiOperation({ summary: 'Let a version that passed the gate forecast: at once, or by a rollout' })
  async promote(
    @Param('version') version: string,
    @Body() { strategy = 'immediate' }: PromoteModelDto,
    @Caller() caller: Principal,
  ): Promise<PromotionDto> {
    if (strategy === 'immediate')
      return {
        rollout: null,
        ...AcceptedJobDto.of(await this.rollouts.switchTo(version, caller.email, 'model.promoted')),
      };
    const rollout = RolloutDto.of(await this.rollouts.start(version, strategy, caller.email));
    return { rollout, job_id: null, status_url: null };
  }

  @Post(':version/rollback')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('admin')
  @ApiOperation({
    summary: 'Go back to an earlier version',
    description:
      'Its last forecasts, if there are some, are current at once; the job answered forecasts with it from the latest ' +
      'sales. A rollout or experiment under way ends.',
  })
  async rollback(@Param('version') version: string, @Caller() caller: Principal): Promise<AcceptedJobDto> {
    return AcceptedJobDto.of(await this.rollouts.switchTo(version, caller.email, 'model.rolled_back'));
  }

  @Get('rollouts')
  @AllowRole('planner')
  @ApiOperation({ summary: 'Rollouts, latest first' })
  async list(@Query() query: PageQuery): Promise<RolloutPageDto> {
    const before = idCursor(query.cursor);
    const rows = await this.rollouts.list('rollout', before, query.limit + 1);
    return toPage(rows, query.limit, ({ id }) => [id], RolloutDto.of);
  }

  @Get('rollouts/:id')
  @AllowRole('planner')
  @ApiOperation({ summary: 'A rollout with each of its steps: who, what and why' })
  async get(@PublicId() id: string): Promise<RolloutDetailDto> {
    const { rollout, events } = await this.rollouts.get(id);
    return { ...RolloutDto.of(rollout), events: events.map(RolloutEventDto.of) };
  }

  @Post('rollouts/:id/advance')
  @Idempotent()
  @HttpCode(200)
  @AllowRole('admin')
  @ApiOperation({ summary: 'Go on to the next stage without waiting' })
  async advance(
    @PublicId() id: string,
    @Body() { from_percent: from }: AdvanceRolloutDto,
    @Caller() caller: Principal,
  ): Promise<RolloutDto> {
    return RolloutDto.of(await this.rollouts.advance(id, caller.email, from));
  }

  @Post('rollouts/:id/abort')
  @Idempotent()
  @HttpCode(200)
  @AllowRole('admin')
  @ApiOperation({ summary: 'End a rollout; the champion forecasts everything again' })
  async abort(@PublicId() id: string, @Caller() caller: Principal): Promise<RolloutDto> {
    return RolloutDto.of(await this.rollouts.abort(id, caller.email));
  }
}
