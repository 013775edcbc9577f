export {
  bottomUp,
  createHierarchy,
  sumsAbove,
  sumsBelow,
  topDown,
  type Hierarchy,
  type HierarchyLevel,
} from './tree.ts';
export {
  olsCovariance,
  shrinkage,
  shrunkenCovariance,
  structuralCovariance,
  varianceCovariance,
  type ErrorCovariance,
} from './covariance.ts';
export { reconcile, type ReconcileOptions } from './reconcile.ts';
