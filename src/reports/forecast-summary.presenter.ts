import { decodeCursor, InvalidRequestError, toPage } from '../platform/http/index.ts';
import { isoOf } from '../signals/index.ts';
import type {
  CategorySummaryDto,
  ForecastSummaryDto,
  ForecastSummaryQuery,
  ProductSummaryDto,
  SummaryFiguresDto,
  SummaryTotalsDto,
} from './dto/forecast-summary.dto.ts';
import { summariseGroup, weeksOf } from './forecast-summary.ts';
import type { Figures, GroupSummary, ProductSummary, SummaryWindow } from './forecast-summary.ts';
import type { ForecastSummary } from './forecast-summary.service.ts';

const NOTHING: GroupSummary = { predicted: 0, previous: null, trendPercent: null, products: 0, weeks: [] };

/** The answer in JSON: sums over all products, and one page of them. @throws InvalidRequestError for a foreign cursor */
export function presentSummary(summary: ForecastSummary | null, query: ForecastSummaryQuery): ForecastSummaryDto {
  const after = demandCursor(query.cursor);
  const products = summary?.products ?? [];
  const rest = after
    ? products.filter(
        ({ predicted, product }) =>
          predicted < after.predicted || (predicted === after.predicted && product.id > after.product),
      )
    : products;
  const page = toPage(
    rest.slice(0, query.limit + 1),
    query.limit,
    ({ predicted, product }) => [predicted, product.id],
    productOf,
  );
  return {
    ...describe(summary),
    totals: summary
      ? totalsOf(summariseGroup(products, summary.window), summary.window)
      : { ...figuresOf(NOTHING), products: 0, weeks: [] },
    categories: summary ? categoriesOf(summary) : [],
    ...page,
  };
}

function describe(
  summary: ForecastSummary | null,
): Omit<ForecastSummaryDto, 'totals' | 'categories' | 'items' | 'next_cursor'> {
  const previousFrom = summary?.window.previousFromDay ?? null;
  return {
    run_id: summary?.run.runId ?? null,
    model_version: summary?.run.modelVersion ?? null,
    generated_at: summary?.run.generatedAt.toISOString() ?? null,
    business_date: summary?.run.businessDate ?? null,
    from: summary && isoOf(summary.window.fromDay),
    to: summary && isoOf(summary.window.fromDay + summary.window.days - 1),
    previous_from: previousFrom === null ? null : isoOf(previousFrom),
    previous_to: summary && previousFrom !== null ? isoOf(previousFrom + summary.window.days - 1) : null,
  };
}

/** Categories by name. */
export function groupsOf(summary: ForecastSummary): [category: string, group: GroupSummary][] {
  const byCategory = new Map<string, ProductSummary[]>();
  for (const summed of summary.products) {
    const { category } = summed.product;
    const group = byCategory.get(category);
    if (group) group.push(summed);
    else byCategory.set(category, [summed]);
  }
  return [...byCategory]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, products]) => [category, summariseGroup(products, summary.window)]);
}

function categoriesOf(summary: ForecastSummary): CategorySummaryDto[] {
  return groupsOf(summary).map(([category, group]) => ({ category, ...totalsOf(group, summary.window) }));
}

function totalsOf(group: GroupSummary, window: SummaryWindow): SummaryTotalsDto {
  return {
    ...figuresOf(group),
    products: group.products,
    weeks: weeksOf(window).map(({ mondayDay, fromDay, toDay }, week) => ({
      week_start: isoOf(mondayDay),
      from: isoOf(fromDay),
      to: isoOf(toDay),
      ...figuresOf(group.weeks[week]),
    })),
  };
}

function productOf(summary: ProductSummary): ProductSummaryDto {
  const { product, p10, p90, runId } = summary;
  return {
    product_id: product.productId,
    sku: product.sku,
    name: product.name,
    category: product.category,
    ...figuresOf(summary),
    p10,
    p90,
    run_id: runId,
  };
}

function figuresOf({ predicted, previous, trendPercent }: Figures): SummaryFiguresDto {
  return { predicted_demand: predicted, previous_demand: previous, trend_percent: trendPercent };
}

function demandCursor(cursor: string | undefined): { predicted: number; product: number } | null {
  const key = decodeCursor(cursor, 2);
  if (!key) return null;
  const [predicted, product] = key;
  if (typeof predicted !== 'number' || typeof product !== 'number') {
    throw new InvalidRequestError('cursor', 'is not a cursor of this list');
  }
  return { predicted, product };
}

/** Columns of the CSV, in order. `level` says what a row sums: `total`, `week`, `category`, `category_week` or `product`. */
export const SUMMARY_COLUMNS = [
  'level',
  'category',
  'product_id',
  'sku',
  'name',
  'from',
  'to',
  'predicted_demand',
  'p10',
  'p90',
  'previous_demand',
  'trend_percent',
  'products',
  'run_id',
  'model_version',
  'generated_at',
] as const;

type SummaryRow = Record<(typeof SUMMARY_COLUMNS)[number], string | number | null>;

/** The same as a flat table: totals, categories and all products. */
export function* summaryRows(summary: ForecastSummary | null): Generator<SummaryRow, void, undefined> {
  if (!summary) return;
  const { window, products, run } = summary;
  const blank: SummaryRow = {
    level: '',
    category: null,
    product_id: null,
    sku: null,
    name: null,
    from: isoOf(window.fromDay),
    to: isoOf(window.fromDay + window.days - 1),
    predicted_demand: null,
    p10: null,
    p90: null,
    previous_demand: null,
    trend_percent: null,
    products: null,
    run_id: run.runId,
    model_version: run.modelVersion,
    generated_at: run.generatedAt.toISOString(),
  };
  const groups: [string | null, GroupSummary][] = [[null, summariseGroup(products, window)], ...groupsOf(summary)];
  for (const [category, group] of groups) {
    const own = { ...blank, category, products: group.products };
    yield { ...own, level: category === null ? 'total' : 'category', ...figuresOf(group) };
    for (const [week, { fromDay, toDay }] of weeksOf(window).entries()) {
      const days = { from: isoOf(fromDay), to: isoOf(toDay) };
      yield { ...own, level: category === null ? 'week' : 'category_week', ...days, ...figuresOf(group.weeks[week]) };
    }
  }
  for (const product of products) yield { ...blank, level: 'product', products: 1, ...productOf(product) };
}
