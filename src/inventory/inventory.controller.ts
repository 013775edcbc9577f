import { Body, Controller, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AllowRole, answerVersioned, Caller, etagOf, PublicId, Idempotent } from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { SnapshotResultDto, SnapshotRowDto } from './dto/snapshot.dto.ts';
import { PlaceQuery, StockDto, StockPageDto, StockQuery, WriteStockDto } from './dto/stock.dto.ts';
import { MAX_SNAPSHOT_ROWS, SnapshotPipe } from './snapshot.pipe.ts';
import { SnapshotService } from './snapshot.service.ts';
import { StockStatementsService } from './stock-statements.service.ts';

/** Stock on hand, on order and by lot. */
@ApiTags('inventory')
@ApiBearerAuth()
@Controller('inventory')
@AllowRole('planner')
export class InventoryController {
  constructor(
    private readonly statements: StockStatementsService,
    private readonly snapshots: SnapshotService,
  ) {}

  @Get(':product_id')
  @ApiOperation({ summary: 'Stock of a product at one place; without `location_id` a page of all its places' })
  @ApiExtraModels(StockDto, StockPageDto)
  @ApiOkResponse({ schema: { oneOf: [{ $ref: getSchemaPath(StockDto) }, { $ref: getSchemaPath(StockPageDto) }] } })
  async get(
    @PublicId('product_id') productId: string,
    @Query() query: StockQuery,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StockDto | StockPageDto | undefined> {
    if (query.location_id === undefined) return this.statements.list(productId, query, caller);
    const found = await this.statements.get(productId, query.location_id, caller);
    // A level that nobody stated moves with the sales and has no version of its own.
    return answerVersioned(found, found.version ? ifNoneMatch : undefined, reply, ({ stock }) => stock);
  }

  @Put(':product_id')
  @Idempotent()
  @ApiOperation({ summary: 'State the stock of a product at one place' })
  async put(
    @PublicId('product_id') productId: string,
    @Query() query: PlaceQuery,
    @Body() body: WriteStockDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StockDto> {
    const stated = await this.statements.put(productId, query.location_id, body, ifMatch, caller);
    reply.header('etag', etagOf(stated));
    return stated.stock;
  }

  @Post('snapshot')
  @Idempotent()
  @HttpCode(200)
  @ApiOperation({ summary: 'State the stock of many products and places, all or none' })
  @ApiBody({ schema: { type: 'array', maxItems: MAX_SNAPSHOT_ROWS, items: { $ref: getSchemaPath(SnapshotRowDto) } } })
  @ApiExtraModels(SnapshotRowDto)
  async snapshot(@Body(SnapshotPipe) rows: SnapshotRowDto[], @Caller() caller: Principal): Promise<SnapshotResultDto> {
    return this.snapshots.take(rows, caller);
  }
}
