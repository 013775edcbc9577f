export { readParquet, writeParquet } from './parquet.ts';
export type { ParquetColumn, ParquetValue } from './parquet.ts';
