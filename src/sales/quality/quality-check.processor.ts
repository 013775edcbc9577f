import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AlertsService } from '../../platform/alerts/index.ts';
import { APP_CONFIG } from '../../platform/config/index.ts';
import type { AppConfig } from '../../platform/config/index.ts';
import { withBulkConnection } from '../../platform/database/index.ts';
import { AppError } from '../../platform/http/index.ts';
import { JobContext, JobProcessor, JobStoppedError, QueueProcessor } from '../../platform/queue/index.ts';
import { CatalogueService } from '../../products/index.ts';
import { parseIsoDay } from '../csv/values.ts';
import { SalesService } from '../sales.service.ts';
import { findUpload } from '../uploads.store.ts';
import { SeriesCheck } from './check-series.ts';
import type { FindingKind } from './findings.ts';
import { storeSeriesFindings } from './quality.store.ts';

/** Days before an upload's first that tell what is ordinary. */
const CONTEXT_DAYS = 56;
/** What somebody should look at soon: forecasts made from it would be wrong. */
const ALARMING: ReadonlySet<FindingKind> = new Set(['silent_day', 'unit_change', 'price_unit_change']);

/** Looks at the series that an upload belongs to, once it is loaded, for what its single rows do not show. */
@Injectable()
@QueueProcessor('quality-check')
export class QualityCheckProcessor extends JobProcessor<{ readonly upload_id: string }> {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly sales: SalesService,
    private readonly catalogue: CatalogueService,
    private readonly alerts: AlertsService,
  ) {
    super(dataSource);
  }

  protected async handle(context: JobContext<{ readonly upload_id: string }>): Promise<Record<string, unknown>> {
    const { upload_id: id } = context.payload;
    const upload = await findUpload(this.dataSource.manager, id, null);
    if (!upload) throw new AppError(404, 'UPLOAD_GONE', 'The upload does not exist any more');
    const { first_date: first, last_date: last } = upload.report ?? {};
    if (!first || !last) return { findings: [] };
    const from = parseIsoDay(first);
    const to = parseIsoDay(last);
    const start = from - CONTEXT_DAYS;
    const check = new SeriesCheck(start, from, to);
    context.progress(0, 'reading', 'Reading the sales around the upload');
    await withBulkConnection(this.config, (client) =>
      this.sales.readPanelRows(client, { fromDay: start, toDay: to }, (product, location, day, quantity, price) => {
        if (context.signal.aborted) throw new JobStoppedError('Stopped while looking at the sales');
        check.add(product, location, day, quantity, price);
      }),
    );
    const [products, locations] = await Promise.all([
      this.catalogue.allLiveProducts(),
      this.catalogue.allLiveLocations(),
    ]);
    const skus = new Map(products.map(({ id: key, sku }) => [key, sku]));
    const codes = new Map(locations.map(({ id: key, code }) => [key, code]));
    const counts = check.finish(
      { product: (key) => skus.get(key) ?? `product ${key}`, location: (key) => codes.get(key) ?? `place ${key}` },
      () => false,
    );
    const findings = counts.findings();
    context.onSuccess(async (manager) => {
      await storeSeriesFindings(manager, id, findings, counts.byDay());
      const alarming = findings.filter(({ kind }) => ALARMING.has(kind));
      if (!alarming.length) return;
      await this.alerts.raise(
        {
          kind: 'data.quality',
          severity: 'warning',
          subject: `${upload.filename}: ${alarming.map(({ kind, count, unit }) => `${count} ${unit} of ${kind}`).join(', ')}`,
          detail: { upload_id: id, findings: alarming },
          dedupeKey: `data.quality:${id}`,
        },
        (sql, parameters) => manager.query(sql, parameters),
      );
    });
    return { upload_id: id, findings };
  }
}
