import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { AllowCatalogueRead, Caller, InvalidRequestError, MayTakeLonger } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { QualityService } from '../sales/index.ts';
import { dayOf } from '../signals/index.ts';
import { csvDownload } from './csv-download.ts';
import { DataQualityDto, DataQualityQuery } from './dto/data-quality.dto.ts';
import { ForecastSummaryDto, ForecastSummaryQuery } from './dto/forecast-summary.dto.ts';
import { InventoryRecommendationPageDto } from './dto/inventory-recommendations.dto.ts';
import { LostSalesDto, LostSalesQuery } from './dto/lost-sales.dto.ts';
import { ReportQuery } from './dto/report.dto.ts';
import { ForecastSummaryService } from './forecast-summary.service.ts';
import { presentSummary, SUMMARY_COLUMNS, summaryRows } from './forecast-summary.presenter.ts';
import { InventoryRecommendationsService, RECOMMENDATION_COLUMNS } from './inventory-recommendations.service.ts';
import { LOST_SALES_COLUMNS, LostSalesService } from './lost-sales.service.ts';

const MOST_DAYS = 366;

/** A CSV holds the whole report, which JSON gives page by page. */
const wholeTable = ({ format }: { readonly format?: unknown }) => format === 'csv';

/** Both forms of a report's answer. */
const answeredAs = (page: typeof ForecastSummaryDto | typeof InventoryRecommendationPageDto | typeof LostSalesDto) => ({
  content: {
    'application/json': { schema: { $ref: getSchemaPath(page) } },
    'text/csv': { schema: { type: 'string' } },
  },
});

/** Reports for people and spreadsheets. */
@ApiTags('reports')
@ApiBearerAuth()
@Controller('reports')
@AllowCatalogueRead()
export class ReportsController {
  constructor(
    private readonly recommendations: InventoryRecommendationsService,
    private readonly summaries: ForecastSummaryService,
    private readonly losses: LostSalesService,
    private readonly quality: QualityService,
  ) {}

  @Get('inventory-recommendations')
  @MayTakeLonger(wholeTable)
  @ApiOperation({ summary: 'What to order of each product for each place, the most urgent first' })
  @ApiExtraModels(InventoryRecommendationPageDto)
  @ApiOkResponse(answeredAs(InventoryRecommendationPageDto))
  async inventoryRecommendations(
    @Query() query: ReportQuery,
    @Caller() caller: Principal,
  ): Promise<InventoryRecommendationPageDto | StreamableFile> {
    if (query.format === 'json') return this.recommendations.page(query, caller);
    const rows = await this.recommendations.rows(query, caller);
    return csvDownload('inventory-recommendations', RECOMMENDATION_COLUMNS, rows);
  }

  @Get('forecast-summary')
  @MayTakeLonger(wholeTable)
  @ApiOperation({ summary: 'Predicted demand by category, week and product beside the demand of as many days before' })
  @ApiExtraModels(ForecastSummaryDto)
  @ApiOkResponse(answeredAs(ForecastSummaryDto))
  async forecastSummary(
    @Query() query: ForecastSummaryQuery,
    @Caller() caller: Principal,
  ): Promise<ForecastSummaryDto | StreamableFile> {
    const summary = await this.summaries.summarise(query, caller);
    if (query.format === 'json') return presentSummary(summary, query);
    return csvDownload('forecast-summary', SUMMARY_COLUMNS, summaryRows(summary));
  }

  @Get('lost-sales')
  @MayTakeLonger(wholeTable)
  @ApiOperation({
    summary: 'Demand that found an empty shelf, in units and money, the dearest first',
    description:
      'Estimated for the days that ended without stock, as the sales files state it. Found once a day, for the last ' +
      'three months.',
  })
  @ApiExtraModels(LostSalesDto)
  @ApiOkResponse(answeredAs(LostSalesDto))
  async lostSales(@Query() query: LostSalesQuery, @Caller() caller: Principal): Promise<LostSalesDto | StreamableFile> {
    if (query.format === 'json') return this.losses.report(query, caller);
    return csvDownload('lost-sales', LOST_SALES_COLUMNS, await this.losses.rows(query, caller));
  }

  @Get('data-quality')
  @ApiOperation({ summary: 'What was found odd in the sales data, day by day' })
  async dataQuality(@Query() { from, to }: DataQualityQuery): Promise<DataQualityDto> {
    if (from > to) throw new InvalidRequestError('from', 'lies after to');
    if (dayOf(to) - dayOf(from) >= MOST_DAYS)
      throw new InvalidRequestError('to', `lies more than ${MOST_DAYS} days on`);
    const { days, uploads, badShare } = await this.quality.between(from, to);
    const totals: Record<string, number> = {};
    for (const { findings } of days)
      for (const [kind, count] of Object.entries(findings)) totals[kind] = (totals[kind] ?? 0) + count;
    return { from, to, totals, uploads, bad_share: badShare, days: [...days] };
  }
}
