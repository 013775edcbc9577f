import { Controller, Get, Param, ParseUUIDPipe, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRole, Caller } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { ExplanationDto, ExplanationQuery } from './explanation.dto.ts';
import { ExplanationService } from './explanation.service.ts';

/** What drives the forecasts. */
@ApiTags('forecasts')
@Controller('forecasts')
export class ExplanationController {
  constructor(private readonly explanations: ExplanationService) {}

  @Get(':product_id/explanation')
  @AllowRole('viewer')
  @ApiOperation({
    summary: 'What drives the forecast of a day, in units that add up to it, and what changed since the previous run',
    description:
      'Made when it is first asked for, from the sales that the forecast had seen, and kept as long as the forecast. ' +
      'Where that takes longer than eight seconds the answer is 202 and a job; asked again after it, the explanation is there.',
  })
  @ApiOkResponse({ type: ExplanationDto })
  @ApiAcceptedResponse({ type: AcceptedJobDto, description: 'A worker is still at it' })
  async explain(
    @Caller() caller: Principal,
    @Param('product_id', ParseUUIDPipe) productId: string,
    @Query() query: ExplanationQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExplanationDto | AcceptedJobDto> {
    const outcome = await this.explanations.explain(caller, productId, query);
    if (!('state' in outcome)) return outcome;
    reply.status(202);
    return AcceptedJobDto.of(outcome);
  }
}
