import { Body, Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditedWork } from '../../platform/audit/index.ts';
import { AllowRole, Caller, Idempotent } from '../../platform/http/index.ts';
import type { Principal } from '../../platform/http/index.ts';
import { AcceptedJobDto } from '../../platform/queue/index.ts';
import { AccuracyDto, PlaceQuery } from './accuracy.dto.ts';
import { AccuracyService } from './accuracy.service.ts';
import { ComponentsDto } from './components.dto.ts';
import { ComponentsService } from './components.service.ts';
import { ForecastListQuery, ForecastPageDto } from './forecast-list.dto.ts';
import { ForecastListService } from './forecast-list.service.ts';
import { GenerateForecastsDto } from './generate.dto.ts';
import { GenerationService } from './generation.service.ts';

/** Forecasts: making them, listing them and looking into them. */
@ApiTags('forecasts')
@Controller('forecasts')
export class ForecastsController {
  constructor(
    private readonly generation: GenerationService,
    private readonly lists: ForecastListService,
    private readonly accuracies: AccuracyService,
    private readonly componentsOf: ComponentsService,
  ) {}

  @Post('generate')
  @AuditedWork('forecast.requested')
  @Idempotent()
  @HttpCode(202)
  @AllowRole('planner')
  @ApiOperation({
    summary: 'Forecast from the latest sales with the current model',
    description:
      'Trains a first model where there is none. The same request while one is unfinished answers the same job.',
  })
  async generate(@Caller() caller: Principal, @Body() body: GenerateForecastsDto): Promise<AcceptedJobDto> {
    return AcceptedJobDto.of(await this.generation.request(caller, body));
  }

  @Get()
  @AllowRole('viewer')
  @ApiOperation({
    summary: 'Current forecasts by product, place and day',
    description: 'By place where location_id or pincode is given, else the sums over the locations of each product.',
  })
  list(@Caller() caller: Principal, @Query() query: ForecastListQuery): Promise<ForecastPageDto> {
    return this.lists.list(caller, query);
  }

  @Get(':product_id/accuracy')
  @AllowRole('viewer')
  @ApiOperation({ summary: 'How well the models forecast this product on the days they were held out from' })
  accuracy(
    @Caller() caller: Principal,
    @Param('product_id', ParseUUIDPipe) productId: string,
    @Query() query: PlaceQuery,
  ): Promise<AccuracyDto> {
    return this.accuracies.accuracy(caller, productId, query.location_id);
  }

  @Get(':product_id/components')
  @AllowRole('viewer')
  @ApiOperation({ summary: "The ensemble members' own forecasts beside the ensemble's, with their weights" })
  components(
    @Caller() caller: Principal,
    @Param('product_id', ParseUUIDPipe) productId: string,
    @Query() query: PlaceQuery,
  ): Promise<ComponentsDto> {
    return this.componentsOf.components(caller, productId, query.location_id);
  }
}
