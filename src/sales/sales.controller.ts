import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  AllowCatalogueRead,
  Caller,
  decodeCursor,
  InvalidRequestError,
  PublicId,
  toPage,
} from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { SalesArchiveService } from './archive/sales-archive.service.ts';
import { formatDay, parseDay } from './csv/values.ts';
import { SalesHistoryPageDto, SalesHistoryQuery, SalesSummaryDto } from './dto/sales.dto.ts';
import { SalesHistoryService } from './sales-history.service.ts';
import { SalesService } from './sales.service.ts';

/** Longest range of days one request may name. */
const MAX_RANGE_DAYS = 3_660;
const EPOCH = '1970-01-01';

const dayOf = (date: string) => parseDay(Buffer.from(date), 0, date.length);

/** Loaded sales: totals and history. */
@ApiTags('sales')
@Controller('sales-data')
@AllowCatalogueRead()
export class SalesController {
  constructor(
    private readonly histories: SalesHistoryService,
    private readonly sales: SalesService,
    private readonly archive: SalesArchiveService,
  ) {}

  @Get('summary')
  @ApiOperation({ summary: 'Totals, date range, gaps and the business date' })
  async summary(@Caller() caller: Principal): Promise<SalesSummaryDto> {
    const summary = await this.histories.summary(caller.locationIds);
    return {
      business_date: await this.sales.businessDate(),
      first_date: summary.firstDate,
      last_date: summary.lastDate,
      total_quantity: summary.quantity,
      total_revenue: summary.revenue,
      rows: summary.rows,
      products: summary.products,
      locations: summary.locations,
      series: summary.series,
      zero_share: summary.rows ? summary.zeroRows / summary.rows : 0,
      gap_days: summary.gaps.days,
      gaps: [...summary.gaps.stretches],
    };
  }

  @Get(':product_id')
  @ApiOperation({ summary: 'Sales of a product by day, week or month; without a range the last ten years of data' })
  async history(
    @PublicId('product_id') productId: string,
    @Query() query: SalesHistoryQuery,
    @Caller() caller: Principal,
  ): Promise<SalesHistoryPageDto> {
    const { from, to } = await this.range(query);
    const after = decodeCursor(query.cursor, 1)?.[0];
    if (after !== undefined && (typeof after !== 'string' || dayOf(after) < 0))
      throw new InvalidRequestError('cursor', 'is not a cursor of this list');
    const points = await this.histories.history({
      productId,
      locationId: query.location_id,
      allowedLocationIds: caller.locationIds,
      from,
      to,
      grain: query.grain,
      after,
      limit: query.limit + 1,
    });
    const archived = await this.archive.monthsWithin(from, to);
    const page = toPage(
      points,
      query.limit,
      ({ date }) => [date],
      ({ date, quantity, revenue, price, created_at }) => ({
        product_id: productId.toLowerCase(),
        location_id: query.location_id?.toLowerCase() ?? null,
        date,
        quantity_sold: quantity,
        revenue,
        price,
        created_at: created_at.toISOString(),
      }),
    );
    return { ...page, archived_months: archived.map((month) => month.slice(0, 7)) };
  }

  private async range(query: SalesHistoryQuery): Promise<{ from: string; to: string }> {
    const to = query.to ?? (await this.sales.businessDate()) ?? query.from ?? EPOCH;
    const from = query.from ?? formatDay(Math.max(0, dayOf(to) - MAX_RANGE_DAYS + 1));
    const days = dayOf(to) - dayOf(from) + 1;
    if (query.from && query.to && days < 1) throw new InvalidRequestError('from', 'must not lie after to');
    if (query.from && days > MAX_RANGE_DAYS)
      throw new InvalidRequestError('from', `must lie within ${MAX_RANGE_DAYS} days of to`);
    return { from, to };
  }
}
