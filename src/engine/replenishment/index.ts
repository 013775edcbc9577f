export { normalCdf, normalLoss, normalPdf, normalQuantile } from './normal.ts';
export { demandDistribution } from './demand-distribution.ts';
export type { DemandDistribution } from './demand-distribution.ts';
export {
  criticalRatio,
  economicOrderQuantity,
  fillRate,
  leadTimeDemandSd,
  newsvendor,
  orderUpToQuantity,
  reorderPoint,
  roundUpToPack,
  safetyStock,
} from './policy.ts';
export { abcClasses, xyzClass } from './classify.ts';
export type { AbcClass, XyzClass } from './classify.ts';
export { recommendOrder } from './recommend.ts';
export type { OrderRecommendation, OrderRequest } from './recommend.ts';
