/** The series of $1 and $2 in the run that was its current one on the business date $5. */
const VINTAGE = `(
  SELECT v.* FROM run_series v JOIN forecast_runs b ON b.id = v.run
  WHERE v.product = $1 AND v.location = $2 AND v.published_at IS NOT NULL AND b.archived_at IS NULL
    AND b.business_date <= $5
  ORDER BY b.business_date DESC, v.published_at DESC LIMIT 1)`;

const daysOf = (series: string) => `
  SELECT r.run_id AS "runId", m.version AS "modelVersion", r.generated_at AS "generatedAt",
    r.business_date AS "businessDate", r.business_date + r.horizon_days AS "lastDay",
    r.degraded, s.data_sufficiency AS sufficiency, f.forecast_date AS date, f.mean, f.p10, f.p50, f.p90, f.confidence
  FROM ${series} s
  JOIN forecast_runs r ON r.id = s.run
  JOIN model_versions m ON m.id = r.model
  LEFT JOIN forecasts f ON f.product = s.product AND f.location = s.location AND f.run = s.run
    AND ($3::date IS NULL OR f.forecast_date >= $3) AND ($4::date IS NULL OR f.forecast_date <= $4)
  WHERE s.product = $1 AND s.location = $2 AND ($5::date IS NULL OR r.business_date <= $5)
  ORDER BY f.forecast_date`;

/** Days $3..$4 (null: open) of the current forecast of product $1 at location $2; $5 is null. */
export const CURRENT_SERIES = daysOf('forecast_series');

/** The same of the forecast that was current when the sales of day $5 were the latest. */
export const VINTAGE_SERIES = daysOf(VINTAGE);
