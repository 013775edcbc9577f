/** A number with so many decimals: sums of single-precision forecasts carry digits that mean nothing. */
export function rounded(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}
