import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AllowRole, createValidationPipe, Principal } from '../../platform/http/index.ts';
import { ForecastEpoch } from './forecast-epoch.ts';
import { ReadyAnswers, sendReady } from './ready-answers.ts';
import { MAX_RANKED, PERIOD_DAYS, TopProductsDto, TopProductsQuery } from './top-products.dto.ts';
import { TopProductsService } from './top-products.service.ts';

/** The ranking of products by expected demand. */
@ApiTags('forecasts')
@Controller('forecast')
@AllowRole('viewer')
export class TopProductsController {
  private readonly validation = createValidationPipe();

  constructor(
    private readonly ranking: TopProductsService,
    private readonly answers: ReadyAnswers,
    private readonly epoch: ForecastEpoch,
  ) {}

  @Get('top-products')
  @ApiOperation({
    summary: 'Products with the highest expected demand in the days after the business date',
    description:
      'A day is 1, a week 7, a month 30, a quarter 91 and a year 365 days. Summed is what is forecast: where the ' +
      'horizon ends sooner, predicted_demand covers the days of the horizon and previous_demand as many days before.',
  })
  @ApiQuery({ name: 'time_period', required: false, enum: Object.keys(PERIOD_DAYS), schema: { default: 'month' } })
  @ApiQuery({ name: 'category', required: false })
  @ApiQuery({ name: 'location_id', required: false, schema: { type: 'string', format: 'uuid' } })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: MAX_RANKED, default: 10 },
  })
  @ApiOkResponse({ type: TopProductsDto })
  async top(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const key = ReadyAnswers.keyOf(request);
    const ready = this.answers.get(key);
    if (ready) return sendReady(request, reply, ready, true);
    const query: TopProductsQuery = await this.validation.transform(request.query, {
      type: 'query',
      metatype: TopProductsQuery,
    });
    const epoch = this.epoch.current;
    const { body, hit } = await this.ranking.answer(request.principal as Principal, query);
    return sendReady(request, reply, this.answers.set(key, body, epoch), hit);
  }
}
