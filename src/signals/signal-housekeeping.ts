import { Injectable, OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Housekeeping, removeRows } from '../platform/housekeeping/index.ts';
import { SalesService } from '../sales/index.ts';
import { LEAD_DAYS } from './sources/external-data-fetcher.processor.ts';

/** Clears away the values of signals that lie before all that is learned from: the sales that are stored, and their lead. */
@Injectable()
export class SignalHousekeeping implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly sales: SalesService,
    private readonly housekeeping: Housekeeping,
  ) {}

  onModuleInit(): void {
    this.housekeeping.register({ name: 'signal-values', clean: ({ signal }) => this.clean(signal) });
  }

  private async clean(signal: AbortSignal): Promise<number> {
    const { first } = await this.sales.range();
    if (first === null) return 0;
    const condition = `date < $1::date - ${LEAD_DAYS}`;
    return removeRows(this.dataSource, signal, { table: 'signal_values', condition, value: first });
  }
}
