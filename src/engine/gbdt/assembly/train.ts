// The loops that take nearly all the time of a fit. Addresses are in bytes, their layout is the caller's
// (../training-memory.ts). ../kernel/plain-kernel.ts does the same operations in the same order.

export { addRows, addSlots, clear, copySlots, subtractSlots, sumRows } from './histograms';
export { addToScores, collectResiduals, dealRows, partition } from './rows';
export { derivatives, quantise } from './derivatives';
export { scanThresholds } from './scan';
