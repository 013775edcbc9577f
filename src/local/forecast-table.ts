import { ApiClient } from './api-client.ts';
import { condense, sparkline, table } from './terminal.ts';

const PRODUCTS = 10;
const HISTORY_DAYS = 84;
const SPARKLINE_WIDTH = 28;
const DAY_MS = 86_400_000;

interface TopProducts {
  readonly products: {
    readonly product_id: string;
    readonly sku: string;
    readonly name: string;
    readonly trend_percent: number | null;
  }[];
}
interface ForecastAnswer {
  readonly data_sufficiency: string;
  readonly points: {
    readonly forecast_date: string;
    readonly predicted_demand: number;
    readonly p10: number;
    readonly p90: number;
  }[];
}
interface SalesAnswer {
  readonly items: { readonly date: string; readonly quantity_sold: number }[];
}

function daysBefore(date: string, days: number): string {
  return new Date(Date.parse(date) - days * DAY_MS).toISOString().slice(0, 10);
}

/** Daily units with the days without a row as zero. */
function dailyUnits(items: SalesAnswer['items'], from: string, days: number): number[] {
  const units = new Array<number>(days).fill(0);
  for (const { date, quantity_sold } of items) {
    const day = (Date.parse(date) - Date.parse(from)) / DAY_MS;
    if (day >= 0 && day < days) units[day] = quantity_sold;
  }
  return units;
}

/** The products with the highest demand: history, the next days and the interval, summed over the locations. */
export async function forecastTable(api: ApiClient, businessDate: string): Promise<string> {
  const { products } = await api.get<TopProducts>(`/forecast/top-products?time_period=month&limit=${PRODUCTS}`);
  const from = daysBefore(businessDate, HISTORY_DAYS - 1);
  let firstDay = '';
  const rows = await Promise.all(
    products.map(async ({ product_id, sku, name, trend_percent }) => {
      const sales = await api.get<SalesAnswer>(
        `/sales-data/${product_id}?from=${from}&to=${businessDate}&grain=day&limit=500`,
      );
      const forecast = await api.get<ForecastAnswer>(`/forecasts/${product_id}`);
      const [first] = forecast.points;
      firstDay = first?.forecast_date ?? firstDay;
      const sum = (count: number) =>
        Math.round(forecast.points.slice(0, count).reduce((total, point) => total + point.predicted_demand, 0));
      return [
        sku,
        name.length > 26 ? `${name.slice(0, 25)}…` : name,
        sparkline(condense(dailyUnits(sales.items, from, HISTORY_DAYS), SPARKLINE_WIDTH)),
        sparkline(forecast.points.slice(0, 28).map((point) => point.predicted_demand)),
        first ? `${first.predicted_demand.toFixed(1)} (${first.p10.toFixed(0)}–${first.p90.toFixed(0)})` : '–',
        sum(7),
        sum(28),
        trend_percent === null ? 'new' : `${trend_percent > 0 ? '+' : ''}${trend_percent.toFixed(0)} %`,
      ];
    }),
  );
  const header = [
    'SKU',
    'Product',
    `Sales, last ${HISTORY_DAYS} days`,
    'Forecast, 28 days',
    `${firstDay} (P10–P90)`,
    '7 days',
    '28 days',
    'Trend',
  ];
  return table(header, rows);
}
