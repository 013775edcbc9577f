import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditService } from '../auth/index.ts';
import { assertIfMatch, decodeCursor, InvalidRequestError, toPage } from '../platform/http/index.ts';
import type { Page, Principal } from '../platform/http/index.ts';
import { CatalogueService } from '../products/index.ts';
import type { CatalogueLocation, CatalogueProduct } from '../products/index.ts';
import { StockDto } from './dto/stock.dto.ts';
import type { StockQuery, WriteStockDto } from './dto/stock.dto.ts';
import { StockService, unknownStock } from './stock.service.ts';
import { placeKey } from './stock.types.ts';
import type { StockLevel, StockStatement } from './stock.types.ts';
import { visibleLocations } from './visible-locations.ts';

/** A stock level with the version its ETag is made of. */
export interface VersionedStock {
  readonly version: number;
  readonly stock: StockDto;
}

/** What clients read and state about the stock. Each change is audited. */
@Injectable()
export class StockStatementsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly stock: StockService,
    private readonly catalogue: CatalogueService,
    private readonly audit: AuditService,
  ) {}

  /** Stock at one place. @throws NotFoundError */
  async get(productId: string, locationId: string, caller: Principal): Promise<VersionedStock> {
    const { product, location } = await this.place(productId, locationId, caller);
    const levels = await this.stock.levels({ products: [product.id], locations: [location.id] });
    return versioned(product, location, levels.get(placeKey({ product: product.id, location: location.id })));
  }

  /** Stock at all places the caller may see, by their codes. @throws NotFoundError */
  async list(productId: string, query: StockQuery, caller: Principal): Promise<Page<StockDto>> {
    const after = placeCursor(query.cursor);
    const product = await this.catalogue.productByPublicId(productId);
    const [locations, levels] = await Promise.all([
      this.catalogue.allLiveLocations(),
      this.stock.levels({ products: [product.id] }),
    ]);
    const rest = visibleLocations(locations, caller)
      .toSorted((a, b) => compareText(a.code, b.code) || a.id - b.id)
      .filter(({ code, id }) => !after || (compareText(code, after.code) || id - after.id) > 0);
    return toPage(
      rest.slice(0, query.limit + 1),
      query.limit,
      ({ code, id }) => [code, id],
      (location) =>
        versioned(product, location, levels.get(placeKey({ product: product.id, location: location.id }))).stock,
    );
  }

  /**
   * States the stock at one place. Stating the same again changes nothing.
   * @throws NotFoundError, PreconditionFailedError, InvalidRequestError for lots above the stock
   */
  async put(
    productId: string,
    locationId: string,
    body: WriteStockDto,
    ifMatch: string | undefined,
    caller: Principal,
  ): Promise<VersionedStock> {
    const { product, location } = await this.place(productId, locationId, caller);
    const statement = statementOf(body, body.as_of ?? (await this.stock.today()));
    const place = { products: [product.id], locations: [location.id] };
    return this.dataSource.transaction(async (manager) => {
      // The row may not exist yet, so what is locked is the place itself.
      await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [product.id, location.id]);
      const [before] = await this.stock.statedLevels(place, manager);
      assertIfMatch(ifMatch, before ?? { version: 0 });
      if (before && isStated(before, statement)) return versioned(product, location, before);
      await manager.query(
        `INSERT INTO stock (product, location, on_hand, on_order, lots, as_of) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (product, location) DO UPDATE SET on_hand = excluded.on_hand, on_order = excluded.on_order,
           lots = excluded.lots, as_of = excluded.as_of, version = stock.version + 1, updated_at = clock_timestamp()`,
        [product.id, location.id, statement.onHand, statement.onOrder, JSON.stringify(statement.lots), statement.asOf],
      );
      const [after] = await this.stock.statedLevels(place, manager);
      await this.audit.record(
        {
          actor: caller.email,
          action: 'stock.stated',
          entity: 'stock',
          entityId: `${product.productId}/${location.locationId}`,
          before: before && StockDto.of(product, location, before),
          after: StockDto.of(product, location, after),
        },
        manager,
      );
      return versioned(product, location, after);
    });
  }

  private async place(
    productId: string,
    locationId: string,
    caller: Principal,
  ): Promise<{ product: CatalogueProduct; location: CatalogueLocation }> {
    const [product, location] = await Promise.all([
      this.catalogue.productByPublicId(productId),
      this.catalogue.locationByPublicId(locationId),
    ]);
    visibleLocations([location], caller, location.locationId);
    return { product, location };
  }
}

function versioned(
  product: CatalogueProduct,
  location: CatalogueLocation,
  level: StockLevel = unknownStock(product.id, location.id),
): VersionedStock {
  return { version: level.version, stock: StockDto.of(product, location, level) };
}

function statementOf(body: WriteStockDto, asOf: string): StockStatement {
  const lots = (body.lots ?? [])
    .map(({ quantity, expires_on }) => ({ quantity, expires_on }))
    .sort((a, b) => compareText(a.expires_on, b.expires_on) || a.quantity - b.quantity);
  const inLots = lots.reduce((sum, { quantity }) => sum + quantity, 0);
  // Fractions (weighed goods) do not add up to the last bit.
  if (inLots > body.on_hand * (1 + 1e-9)) {
    throw new InvalidRequestError('lots', `hold ${inLots} units, more than on_hand`);
  }
  return { onHand: body.on_hand, onOrder: body.on_order ?? 0, lots, asOf };
}

function isStated(level: StockLevel, statement: StockStatement): boolean {
  const sameLots =
    level.lots.length === statement.lots.length &&
    level.lots.every(
      ({ quantity, expires_on }, i) =>
        quantity === statement.lots[i].quantity && expires_on === statement.lots[i].expires_on,
    );
  return (
    sameLots &&
    level.onHand === statement.onHand &&
    level.onOrder === statement.onOrder &&
    level.asOf === statement.asOf
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function placeCursor(cursor: string | undefined): { code: string; id: number } | null {
  const key = decodeCursor(cursor, 2);
  if (!key) return null;
  const [code, id] = key;
  if (typeof code !== 'string' || typeof id !== 'number') {
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  }
  return { code, id };
}
