import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { AuditService } from '../auth/index.ts';
import type { FieldError, Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import type { SnapshotRowDto } from './dto/snapshot.dto.ts';
import { InvalidRowsError } from './snapshot.pipe.ts';
import { StockService } from './stock.service.ts';
import { placeKey } from './stock.types.ts';
import { visibleLocations } from './visible-locations.ts';

/** Counts of many products at many places in one go. */
@Injectable()
export class SnapshotService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly stock: StockService,
    private readonly catalogue: CatalogueService,
    private readonly audit: AuditService,
  ) {}

  /**
   * States many counts as of the business date, all or none. Lots stay while the count they belong to does.
   * @throws InvalidRowsError naming each row that fits no product or place of the caller's, or comes twice
   */
  async take(rows: readonly SnapshotRowDto[], caller: Principal): Promise<{ rows: number; changed: number }> {
    const places = await this.resolve(rows, caller);
    const asOf = await this.stock.today();
    const changed = await this.dataSource.transaction(async (manager) => {
      const count = await this.writeSnapshot(manager, rows, places, asOf);
      await this.audit.record(
        {
          actor: caller.email,
          action: 'stock.snapshot',
          entity: 'stock',
          entityId: 'snapshot',
          after: { rows: rows.length, changed: count, as_of: asOf },
        },
        manager,
      );
      return count;
    });
    return { rows: rows.length, changed };
  }

  private async writeSnapshot(
    manager: EntityManager,
    rows: readonly SnapshotRowDto[],
    places: readonly { product: number; location: number }[],
    asOf: string,
  ): Promise<number> {
    const products = places.map(({ product }) => product);
    const locations = places.map(({ location }) => location);
    // What stays on order must not change before it is written again; in the order of the keys, so that two snapshots at
    // once wait for each other instead of deadlocking.
    await manager.query(
      `SELECT 1 FROM stock WHERE (product, location) IN (SELECT * FROM unnest($1::int[], $2::int[]))
       ORDER BY product, location FOR UPDATE`,
      [products, locations],
    );
    const written = await manager.query<unknown[]>(
      `INSERT INTO stock (product, location, on_hand, on_order, as_of)
       SELECT n.product, n.location, n.on_hand, coalesce(n.on_order, s.on_order, 0), $5::date
       FROM unnest($1::int[], $2::int[], $3::float8[], $4::float8[]) AS n (product, location, on_hand, on_order)
       LEFT JOIN stock s ON s.product = n.product AND s.location = n.location
       ORDER BY n.product, n.location
       ON CONFLICT (product, location) DO UPDATE SET on_hand = excluded.on_hand, on_order = excluded.on_order,
         lots = CASE WHEN stock.on_hand = excluded.on_hand THEN stock.lots ELSE '[]' END,
         as_of = excluded.as_of, version = stock.version + 1, updated_at = clock_timestamp()
       WHERE (stock.on_hand, stock.on_order, stock.as_of)
         IS DISTINCT FROM (excluded.on_hand, excluded.on_order, excluded.as_of)
       RETURNING 1`,
      [products, locations, rows.map(({ on_hand }) => on_hand), rows.map(({ on_order }) => on_order ?? null), asOf],
    );
    return written.length;
  }

  private async resolve(
    rows: readonly SnapshotRowDto[],
    caller: Principal,
  ): Promise<{ product: number; location: number }[]> {
    const [products, locations] = await Promise.all([
      this.catalogue.allLiveProducts(),
      this.catalogue.allLiveLocations(),
    ]);
    const visible = visibleLocations(locations, caller);
    const bySku = new Map(products.map(({ sku, id }) => [sku, id]));
    const byProductId = new Map(products.map(({ productId, id }) => [productId, id]));
    const byCode = new Map(visible.map(({ code, id }) => [code, id]));
    const byLocationId = new Map(visible.map(({ locationId, id }) => [locationId, id]));
    const errors: FieldError[] = [];
    const seen = new Map<string, number>();
    const places = rows.map(({ sku, product_id, location, location_id }, index) => {
      const product = sku !== undefined ? bySku.get(sku) : byProductId.get(product_id?.toLowerCase() ?? '');
      const place = location !== undefined ? byCode.get(location) : byLocationId.get(location_id?.toLowerCase() ?? '');
      const fault = (name: string, message: string): number => errors.push({ field: `[${index}].${name}`, message });
      if (product === undefined) fault(sku !== undefined ? 'sku' : 'product_id', 'is no product of the catalogue');
      if (place === undefined) fault(location !== undefined ? 'location' : 'location_id', 'is no location');
      const key = { product: product ?? 0, location: place ?? 0 };
      if (product !== undefined && place !== undefined) {
        const first = seen.get(placeKey(key));
        if (first !== undefined)
          errors.push({ field: `[${index}]`, message: `names the same place as row [${first}]` });
        else seen.set(placeKey(key), index);
      }
      return key;
    });
    if (errors.length) throw new InvalidRowsError(errors);
    return places;
  }
}
