import type { Panel } from '../series/panel.ts';

/** A panel and what is planned for the periods after it. */
export interface PlanSource {
  readonly panel: Panel;
  readonly observed: Uint8Array;
  /** Planned price and promotion of the periods after the panel, `[seriesCount * futurePeriods]`. */
  readonly futurePrice: Float32Array | null;
  readonly futurePromotion: Float32Array | null;
  readonly futurePeriods: number;
}
