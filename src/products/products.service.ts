import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, IsNull } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { AuditService } from '../auth/index.ts';
import { isUniqueViolation } from '../platform/database/index.ts';
import { assertIfMatch, ConflictError, NotFoundError, Page, toPage } from '../platform/http/index.ts';
import { Reads } from '../platform/reads/index.ts';
import type { ProductFields } from './catalogue.types.ts';
import { ProductDto } from './dto/product.dto.ts';
import { Product } from './entities/product.entity.ts';
import { containsPattern, decodeTextCursor } from './text-cursor.ts';

export interface ProductFilter {
  readonly category?: string;
  readonly sku?: string;
  /** Part of the name or SKU. */
  readonly search?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** The product catalogue as clients edit it; each change is audited, each price kept. */
@Injectable()
export class ProductsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditService,
    private readonly reads: Reads,
  ) {}

  /** Live products by SKU. */
  list(filter: ProductFilter): Promise<Page<ProductDto>> {
    return this.reads.read((manager) => listProducts(manager, filter));
  }

  /** @throws NotFoundError */
  async get(productId: string): Promise<Product> {
    const product = await this.dataSource.manager.findOneBy(Product, { productId, deletedAt: IsNull() });
    if (!product) throw new NotFoundError('Product');
    return product;
  }

  /** @throws ConflictError for a SKU in use */
  async create(fields: ProductFields, actor: string): Promise<Product> {
    return this.write(async (manager) => {
      const { identifiers } = await manager.insert(Product, { ...fields });
      const product = await manager.findOneByOrFail(Product, { id: identifiers[0].id as number });
      if (product.currentPrice !== null) await this.keepPrice(manager, product);
      await this.record(manager, actor, 'product.created', null, product);
      return product;
    });
  }

  /** @throws NotFoundError, PreconditionFailedError, ConflictError for a SKU in use */
  async replace(
    productId: string,
    fields: ProductFields,
    ifMatch: string | undefined,
    actor: string,
  ): Promise<Product> {
    return this.write(async (manager) => {
      const before = await this.lock(manager, productId, ifMatch);
      await manager.update(
        Product,
        { id: before.id },
        { ...fields, version: before.version + 1, updatedAt: () => 'clock_timestamp()' },
      );
      const after = await manager.findOneByOrFail(Product, { id: before.id });
      if (after.currentPrice !== null && after.currentPrice !== before.currentPrice)
        await this.keepPrice(manager, after);
      await this.record(manager, actor, 'product.updated', before, after);
      return after;
    });
  }

  /** Takes a product off the catalogue; its sales stay. @throws NotFoundError, PreconditionFailedError */
  async remove(productId: string, ifMatch: string | undefined, actor: string): Promise<void> {
    await this.write(async (manager) => {
      const before = await this.lock(manager, productId, ifMatch);
      await manager.update(
        Product,
        { id: before.id },
        { deletedAt: () => 'now()', updatedAt: () => 'clock_timestamp()', version: before.version + 1 },
      );
      await this.record(manager, actor, 'product.deleted', before, null);
    });
  }

  private async lock(manager: EntityManager, productId: string, ifMatch: string | undefined): Promise<Product> {
    const product = await manager.findOne(Product, {
      where: { productId, deletedAt: IsNull() },
      lock: { mode: 'pessimistic_write' },
    });
    if (!product) throw new NotFoundError('Product');
    assertIfMatch(ifMatch, product);
    return product;
  }

  private async keepPrice(manager: EntityManager, product: Product): Promise<void> {
    await manager.query(`INSERT INTO price_history (product, price) VALUES ($1, $2)`, [
      product.id,
      product.currentPrice,
    ]);
  }

  private async record(
    manager: EntityManager,
    actor: string,
    action: string,
    before: Product | null,
    after: Product | null,
  ): Promise<void> {
    await this.audit.record(
      {
        actor,
        action,
        entity: 'product',
        entityId: (after ?? before)!.productId,
        before: before && ProductDto.of(before),
        after: after && ProductDto.of(after),
      },
      manager,
    );
  }

  private async write<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.dataSource.transaction(work);
    } catch (error) {
      if (isUniqueViolation(error, 'products_live_sku')) throw new ConflictError('This SKU is in use', 'sku');
      throw error;
    }
  }
}

async function listProducts(manager: EntityManager, filter: ProductFilter): Promise<Page<ProductDto>> {
  const after = decodeTextCursor(filter.cursor);
  const query = manager.createQueryBuilder(Product, 'product').where('product.deletedAt IS NULL');
  if (filter.category !== undefined) query.andWhere('product.category = :category', { category: filter.category });
  if (filter.sku !== undefined) query.andWhere('product.sku = :sku', { sku: filter.sku });
  if (filter.search !== undefined) {
    query.andWhere('(product.name ILIKE :pattern OR product.sku ILIKE :pattern)', {
      pattern: containsPattern(filter.search),
    });
  }
  if (after) query.andWhere('(product.sku, product.id) > (:text, CAST(:id AS bigint))', after);
  const rows = await query
    .orderBy('product.sku')
    .addOrderBy('product.id')
    .limit(filter.limit + 1)
    .getMany();
  return toPage(rows, filter.limit, (row) => [row.sku, row.id], ProductDto.of);
}
