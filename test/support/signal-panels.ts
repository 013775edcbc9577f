import { createRng } from '../../src/engine/rng.ts';
import type { Covariate, Panel } from '../../src/engine/series/panel.ts';
import { demandPanel } from './demand-panels.ts';

/** How far the signals of {@link signalPanel} reach past its end, days. */
const AHEAD = 40;

/**
 * Sales of products at two places that rain lowers by 30 % and a promotion doubles, beside a signal that says nothing:
 * covariates `rainfall` and `noise`, both known ahead.
 */
export function signalPanel(days: number, products: number, seed: number): Panel {
  const rng = createRng(seed);
  const stride = days + AHEAD;
  const rainfall = Float32Array.from({ length: stride }, () => (rng() < 0.35 ? 4 + 16 * rng() : 0));
  const noise = Float32Array.from({ length: stride }, () => 20 * rng());
  const promoted = Array.from({ length: products }, () => {
    const own = new Uint8Array(days);
    for (let day = 0; day < days; day++) if (rng() < 0.03) own.fill(1, day, day + 4);
    return own;
  });
  const panel = demandPanel({
    products,
    locations: 2,
    days,
    seed,
    mean: (p, l, d) =>
      (5 + p + 3 * l) * (d % 7 >= 5 ? 1.5 : 1) * (rainfall[d] > 0 ? 0.7 : 1) * (promoted[p][d] === 1 ? 2 : 1),
  });
  const promotion = new Float32Array(panel.sales.length);
  for (let i = 0; i < promotion.length; i++) promotion[i] = promoted[panel.product[Math.floor(i / days)]][i % days];
  const everywhere = (name: string, values: Float32Array): Covariate => ({
    name,
    known: true,
    rowOf: new Int32Array(panel.seriesCount),
    values,
    stride,
  });
  return { ...panel, promotion, covariates: [everywhere('rainfall', rainfall), everywhere('noise', noise)] };
}
