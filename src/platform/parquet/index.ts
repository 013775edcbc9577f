export { parquetColumns, queryParquetTexts, readParquet, writeParquet, writeParquetParts } from './parquet.ts';
export type { ParquetColumn, ParquetPart, ParquetRows, ParquetValue } from './parquet.ts';
export { sha256Of, storeParquet, withFolder } from './store-parquet.ts';
export type { StoredParquet } from './store-parquet.ts';
