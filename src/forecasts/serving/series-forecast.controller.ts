import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowRole, createValidationPipe, InvalidRequestError, Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { FORECAST_GRAINS } from '../batch/batch-workflow.ts';
import { ForecastEpoch } from './forecast-epoch.ts';
import { ReadyAnswers, sendReady } from './ready-answers.ts';
import { SeriesForecastDto, SeriesForecastQuery } from './series-forecast.dto.ts';
import { SeriesForecastService } from './series-forecast.service.ts';

const DAY = { required: false, type: String, schema: { type: 'string', format: 'date' } } as const;

/**
 * The most asked route. It takes the bare request, because an answer that is ready is found by the URL alone and has
 * passed validation when it was made.
 */
@ApiTags('forecasts')
@Controller('forecasts')
@AllowRole('viewer')
export class SeriesForecastController {
  private readonly validation = createValidationPipe();

  constructor(
    private readonly forecasts: SeriesForecastService,
    private readonly answers: ReadyAnswers,
    private readonly epoch: ForecastEpoch,
  ) {}

  @Get(':product_id')
  @ApiOperation({
    summary: 'Forecast of a product at a location; without one, of the sum over its locations',
    description:
      'The current forecast; `as_of` answers it only if it was made from sales up to that day or earlier, else 404. ' +
      'What is not stored, as of series sold since the last run or of days beyond its horizon (at most 366 days), is ' +
      'forecast while the client waits; where that would take too long, the answer is 202 and a job. ' +
      'Answers carry an ETag; `x-cache` says whether the answer was ready.',
  })
  @ApiParam({ name: 'product_id', schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'location_id', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({ name: 'from', description: 'First day', ...DAY })
  @ApiQuery({ name: 'to', description: 'Last day, included', ...DAY })
  @ApiQuery({
    name: 'grain',
    required: false,
    description: 'Weeks are whole ones, from Monday to Sunday, as the weekly batch forecast them; else 404',
    schema: { type: 'string', enum: [...FORECAST_GRAINS], default: 'day' },
  })
  @ApiQuery({ name: 'as_of', description: 'Business date up to which sales may have been seen', ...DAY })
  @ApiOkResponse({ type: SeriesForecastDto })
  @ApiAcceptedResponse({ type: AcceptedJobDto, description: 'Too much to forecast at once: a job does it' })
  one(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void | Promise<void> {
    const key = ReadyAnswers.keyOf(request);
    const ready = this.answers.get(key);
    return ready ? sendReady(request, reply, ready, true) : this.make(key, request, reply);
  }

  private async make(key: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { product_id: productId } = request.params as { product_id: string };
    if (!isUUID(productId)) throw new InvalidRequestError('product_id', 'must be a UUID');
    const query: SeriesForecastQuery = await this.validation.transform(request.query, {
      type: 'query',
      metatype: SeriesForecastQuery,
    });
    const epoch = this.epoch.current;
    const answer = await this.forecasts.answer(request.principal as Principal, productId, query);
    if (answer.body === undefined) {
      await reply.status(202).send(AcceptedJobDto.of(answer.job));
      return;
    }
    return sendReady(request, reply, this.answers.set(key, answer.body, epoch), answer.hit);
  }
}
