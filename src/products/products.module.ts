import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { CatalogueService } from './catalogue.service.ts';
import { Location } from './entities/location.entity.ts';
import { Product } from './entities/product.entity.ts';

/** The catalogue of products and locations, for other features. */
@Module({
  imports: [TypeOrmModule.forFeature([Product, Location])],
  providers: [CatalogueService],
  exports: [CatalogueService],
})
export class ProductsModule {}
