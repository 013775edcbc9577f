export { parquetColumns, queryParquetTexts, readParquet, writeParquet } from './parquet.ts';
export type { ParquetColumn, ParquetRows, ParquetValue } from './parquet.ts';
export { storeParquet } from './store-parquet.ts';
export type { StoredParquet } from './store-parquet.ts';
