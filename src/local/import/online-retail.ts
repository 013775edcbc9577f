import { readDates } from '../../files/dates.ts';
import { InputError } from '../../files/input-error.ts';
import { csvCell } from '../../sales/formats/csv-cell.ts';
import { invoiceLines } from './invoice-lines.ts';
import { filesLike } from './layout-files.ts';
import { NettedInvoices, type LeftOut } from './net-invoices.ts';
import type { RetailData, RetailRequest, SalesBlock } from './retail-data.ts';
import { SalesLines } from './sales-lines.ts';

/** Revenue to a hundredth of a penny: sums of decimals must not carry binary dust. */
const REVENUE_DIGITS = 4;

/**
 * Opens invoice lines in the layout of the Online Retail data sets, CSV or XLSX. All of them are read before the first sale
 * is passed on, since a cancellation may belong to a purchase of months before.
 * @throws InputError naming file, line and column
 */
export async function openOnlineRetail({
  folder,
  file,
  places,
  dateOrder,
  signal,
  onPrepared,
}: RetailRequest): Promise<RetailData> {
  const files = file === null ? filesLike(folder, /\.(csv|xlsx)$/) : [file];
  if (!files.length) throw new InputError(`${folder}: there is no CSV or XLSX file in it`);
  const invoices = new NettedInvoices();
  for (const [index, path] of files.entries()) {
    const onRead = (share: number) => onPrepared((index + share) / files.length);
    for await (const lines of invoiceLines(path, signal, onRead))
      for (const line of lines) if (places.takes(line.country)) invoices.add(line);
  }
  const { hours } = readDates(invoices.dates.names, (index) => invoices.firstSeen[index], dateOrder);
  const days = hours.map((hour) => Math.floor(hour / 24));
  const sales = salesOf(invoices, days);
  return {
    header: 'date,sku,location,quantity_sold,revenue,name',
    places: [],
    sales: () => sales,
    signals: async function* () {},
    notes: () => notesOf(invoices.leftOut),
  };
}

function notesOf({ unmatched, corrections, unpriced, noProducts, repeated }: LeftOut): string[] {
  const told = (lines: number, what: string) => (lines ? [`${lines} lines left out: ${what}`] : []);
  return [
    ...told(unmatched, 'cancellations of more than the customer had bought before'),
    ...told(corrections, 'negative quantities that are no cancellations'),
    ...told(unpriced, 'without a price'),
    ...told(noProducts, 'postage, fees and adjustments'),
    ...told(repeated, 'invoices that another file or sheet has too'),
  ];
}

async function* salesOf(invoices: NettedInvoices, days: Int32Array): AsyncGenerator<SalesBlock> {
  const { products, countries, descriptions } = invoices;
  const sums = invoices
    .finish(days)
    .sort((a, b) => days[a.date] - days[b.date] || a.product - b.product || a.country - b.country);
  const lines = new SalesLines();
  for (const { date, product, country, units, revenue } of sums) {
    const key = Buffer.from(`${csvCell(products.names[product])},${csvCell(countries.names[country])},`);
    const amount = Number(revenue.toFixed(REVENUE_DIGITS));
    lines.add(days[date], key, units, Buffer.from(`,${amount},${csvCell(descriptions[product])}\n`));
    yield* lines.take();
  }
  yield* lines.finish();
}
