// The layout of the memory is the caller's; addresses are in bytes.

/** Adds `amount` to `count` doubles. */
export function addToAll(values: usize, count: i32, amount: f64): void {
  const wide = f64x2.splat(amount);
  let at = values;
  const end = values + ((<usize>(count & ~1)) << 3);
  for (; at < end; at += 16) v128.store(at, f64x2.add(v128.load(at), wide));
  if (count & 1) f64.store(at, f64.load(at) + amount);
}
