import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  AllowCatalogueRead,
  AllowRole,
  answerVersioned,
  Caller,
  etagOf,
  PublicId,
  Idempotent,
} from '../platform/http/index.ts';
import type { Principal } from '../platform/http/index.ts';
import { productFields, ProductDto, ProductPageDto, ProductsQuery, WriteProductDto } from './dto/product.dto.ts';
import { ProductsService } from './products.service.ts';

/** The product catalogue. */
@ApiTags('products')
@ApiBearerAuth()
@Controller('products')
@AllowRole('planner')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @AllowCatalogueRead()
  @ApiOperation({ summary: 'Products by SKU' })
  async list(@Query() query: ProductsQuery): Promise<ProductPageDto> {
    return this.products.list(query);
  }

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Add a product' })
  async create(
    @Body() body: WriteProductDto,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductDto> {
    const product = await this.products.create(productFields(body), caller.email);
    reply.header('location', `/api/v1/products/${product.productId}`).header('etag', etagOf(product));
    return ProductDto.of(product);
  }

  @Get(':id')
  @AllowCatalogueRead()
  @ApiOkResponse({ type: ProductDto })
  @ApiResponse({ status: 304, description: 'The copy named in If-None-Match is still good' })
  @ApiOperation({ summary: 'One product; 304 if the client has it already' })
  async get(
    @PublicId() id: string,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductDto | undefined> {
    return answerVersioned(await this.products.get(id), ifNoneMatch, reply, ProductDto.of);
  }

  @Put(':id')
  @Idempotent()
  @ApiOperation({ summary: 'Replace a product; fields left out take their defaults' })
  async replace(
    @PublicId() id: string,
    @Body() body: WriteProductDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProductDto> {
    const product = await this.products.replace(id, productFields(body), ifMatch, caller.email);
    reply.header('etag', etagOf(product));
    return ProductDto.of(product);
  }

  @Delete(':id')
  @Idempotent()
  @HttpCode(204)
  @ApiOperation({ summary: 'Take a product off the catalogue; its history stays' })
  async remove(
    @PublicId() id: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Caller() caller: Principal,
  ): Promise<void> {
    await this.products.remove(id, ifMatch, caller.email);
  }
}
