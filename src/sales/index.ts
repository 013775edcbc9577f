export { SalesApiModule } from './sales.api.module.ts';
export { SalesModule } from './sales.module.ts';
export { SalesService } from './sales.service.ts';
export type { PanelRowHandler, PanelSelection, StatedStock } from './sales.service.ts';
export { SalesHistoryService } from './sales-history.service.ts';
export type { HistoryPoint, HistoryRequest, SalesSummary } from './sales-history.service.ts';
export { SalesImportService } from './import/sales-import.service.ts';
export { SalesWorkerModule } from './sales.worker.module.ts';
export { QualityService } from './quality/quality.service.ts';
