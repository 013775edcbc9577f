const DAY_MS = 86_400_000;
const DAYS = 220;

/** Last day of the sales of {@link salesCsv}. */
export const LAST_DAY = '2025-09-30';

/** The day so many days before the last one; negative numbers lie after it. */
export const iso = (daysBack: number): string =>
  new Date(Date.parse(LAST_DAY) - daysBack * DAY_MS).toISOString().slice(0, 10);

/** Weekly rhythm with deterministic noise: six ordinary products at two places and three that hardly say anything. */
export function salesCsv(): string {
  const lines = ['date,sku,location,quantity_sold,price,category,pincode'];
  let state = 12345;
  const noise = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let product = 1; product <= 6; product++) {
    for (const [place, size] of [
      ['DS1', 1],
      ['DS2', 2],
    ] as const) {
      for (let back = DAYS - 1; back >= 0; back--) {
        const level = product * 3 * size * (1 + 0.4 * Math.sin((2 * Math.PI * back) / 7));
        const units = Math.max(0, Math.round(level + (noise() - 0.5) * level));
        const category = product <= 3 ? 'Electronics' : 'Snacks';
        lines.push(`${iso(back)},SKU-${product},${place},${units},${product * 10},${category},50000${size}`);
      }
    }
  }
  for (let back = 2; back >= 0; back--) lines.push(`${iso(back)},SKU-NEW,DS1,4,10,Snacks,500001`);
  for (let back = 59; back >= 0; back--) lines.push(`${iso(back)},SKU-ZERO,DS1,0,10,Snacks,500001`);
  for (let back = 119; back >= 0; back--)
    lines.push(`${iso(back)},SKU-SPIKE,DS1,${back === 60 ? 500 : 0},10,Snacks,500001`);
  return `${lines.join('\n')}\n`;
}
