export type {
  Booster,
  BoosterParams,
  FeatureColumns,
  FitProgress,
  Forest,
  Loss,
  BoosterOptions,
  ValidationSet,
} from './types.ts';
export { DEFAULT_BOOSTER_PARAMS, linkOf } from './params.ts';
export { trainBooster, trainBoosters } from './train.ts';
export { predictBooster, predictBoosters } from './predict.ts';
export { parseBooster, serializeBooster } from './serialize.ts';
export { featureImportance, type ImportanceMeasure, type ImportanceOptions } from './importance.ts';
