/** The location under which the sums over all locations of a product are stored; real ones count from 1. */
export const NO_LOCATION = 0;
