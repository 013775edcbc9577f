export { BinaryCopyRow, BinaryCopyWriter } from './binary-copy.ts';
export { withBulkConnection } from './bulk-connection.ts';
export { CopyIn, copyOut } from './copy.ts';
export { DatabaseModule } from './database.module.ts';
export { isUniqueViolation } from './unique-violation.ts';
export { dataSourceOptions, migrationDataSource } from './data-source.ts';
