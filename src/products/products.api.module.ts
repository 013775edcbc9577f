import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/index.ts';
import { LocationsController } from './locations.controller.ts';
import { LocationsService } from './locations.service.ts';
import { ProductsController } from './products.controller.ts';
import { ProductsModule } from './products.module.ts';
import { ProductsService } from './products.service.ts';

/** The routes of products and locations. */
@Module({
  imports: [AuthModule, ProductsModule],
  controllers: [ProductsController, LocationsController],
  providers: [ProductsService, LocationsService],
})
export class ProductsApiModule {}
