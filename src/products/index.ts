export { CatalogueService } from './catalogue.service.ts';
export type * from './catalogue.types.ts';
export { ProductsModule } from './products.module.ts';
