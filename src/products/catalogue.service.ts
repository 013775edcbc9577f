import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, IsNull } from 'typeorm';
import { NotFoundError } from '../platform/http/index.ts';
import { resolveOrCreateLocations, resolveOrCreateProducts } from './catalogue-import.ts';
import type {
  CatalogueLocation,
  CatalogueProduct,
  LocationMention,
  ProductMention,
  QueryRunnerLike,
} from './catalogue.types.ts';
import { Location } from './entities/location.entity.ts';
import { Product } from './entities/product.entity.ts';

function productOf(row: Product): CatalogueProduct {
  return {
    id: row.id,
    productId: row.productId,
    sku: row.sku,
    name: row.name,
    category: row.category,
    currentPrice: row.currentPrice,
    unitCost: row.unitCost,
    leadTimeDays: row.leadTimeDays,
    leadTimeStdDays: row.leadTimeStdDays,
    packSize: row.packSize,
    minOrderQuantity: row.minOrderQuantity,
    shelfLifeDays: row.shelfLifeDays,
    serviceLevel: row.serviceLevel,
    listedFrom: row.listedFrom,
    listedUntil: row.listedUntil,
    attributes: row.attributes,
    deleted: row.deletedAt !== null,
  };
}

function locationOf(row: Location): CatalogueLocation {
  return {
    id: row.id,
    locationId: row.locationId,
    code: row.code,
    name: row.name,
    pincode: row.pincode,
    city: row.city,
    region: row.region,
    latitude: row.latitude,
    longitude: row.longitude,
    timezone: row.timezone,
    deleted: row.deletedAt !== null,
  };
}

/** The catalogue as other features read it: plain values with both the facts' keys and the public ids. */
@Injectable()
export class CatalogueService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** A live product. @throws NotFoundError */
  async productByPublicId(productId: string): Promise<CatalogueProduct> {
    const row = await this.dataSource.manager.findOneBy(Product, { productId, deletedAt: IsNull() });
    if (!row) throw new NotFoundError('Product');
    return productOf(row);
  }

  /** A live location. @throws NotFoundError */
  async locationByPublicId(locationId: string): Promise<CatalogueLocation> {
    const row = await this.dataSource.manager.findOneBy(Location, { locationId, deletedAt: IsNull() });
    if (!row) throw new NotFoundError('Location');
    return locationOf(row);
  }

  /** Products by the facts' keys, deleted ones included, in the order of the keys. */
  async productsByIds(ids: readonly number[]): Promise<CatalogueProduct[]> {
    const rows = await this.dataSource.manager.find(Product, { where: { id: In(ids) }, order: { id: 'ASC' } });
    return rows.map(productOf);
  }

  /** Locations by the facts' keys, deleted ones included, in the order of the keys. */
  async locationsByIds(ids: readonly number[]): Promise<CatalogueLocation[]> {
    const rows = await this.dataSource.manager.find(Location, { where: { id: In(ids) }, order: { id: 'ASC' } });
    return rows.map(locationOf);
  }

  /** All live products in the order of their keys. */
  async allLiveProducts(): Promise<CatalogueProduct[]> {
    const rows = await this.dataSource.manager.find(Product, { where: { deletedAt: IsNull() }, order: { id: 'ASC' } });
    return rows.map(productOf);
  }

  /** All live locations in the order of their keys. */
  async allLiveLocations(): Promise<CatalogueLocation[]> {
    const rows = await this.dataSource.manager.find(Location, { where: { deletedAt: IsNull() }, order: { id: 'ASC' } });
    return rows.map(locationOf);
  }

  /** See {@link resolveOrCreateProducts}. */
  resolveOrCreateProducts(client: QueryRunnerLike, mentions: readonly ProductMention[]): Promise<Map<string, number>> {
    return resolveOrCreateProducts(client, mentions);
  }

  /** See {@link resolveOrCreateLocations}. */
  resolveOrCreateLocations(
    client: QueryRunnerLike,
    mentions: readonly LocationMention[],
  ): Promise<Map<string, number>> {
    return resolveOrCreateLocations(client, mentions);
  }
}
