/** Powers of ten that a double holds exactly, so that digits divided by one are correctly rounded. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-']);
const FLAGS = new Map([
  ['true', 1],
  ['t', 1],
  ['yes', 1],
  ['y', 1],
  ['false', 0],
  ['f', 0],
  ['no', 0],
  ['n', 0],
]);

/** A currency sign before or behind the number. */
const CURRENCY = /^([+-]?)[$€£₹¥]\s*|\s*[$€£₹¥]$/;
/** Thousands kept apart: 1,234.5 or 1 234.5, and 1.234,5 or 1 234,5 where the comma is the decimal sign. */
const GROUPS_BEFORE_POINT = /^[+-]?\d{1,3}(?:[, \u00a0\u202f']\d{3})+(?:\.\d+)?$/;
const GROUPS_BEFORE_COMMA = /^[+-]?\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:,\d+)?$|^[+-]?\d{1,3}(?:\.\d{3})+,\d+$/;
const GAPS = /[, \u00a0\u202f']/g;

/** Whether a text stands for a value that is not known. */
export function isMissing(text: string): boolean {
  return MISSING.has(text.trim().toLowerCase());
}

/**
 * Number in a range of bytes, read digit by digit without making a string.
 * @param decimal byte of a further decimal sign beside the point: a comma in files whose columns something else separates
 * @returns NaN for what stands for an unknown value, undefined for what is no number; yes and no count as 1 and 0
 */
export function numberIn(bytes: Uint8Array, start: number, end: number, decimal: number): number | undefined {
  if (start === end) return NaN;
  let at = start;
  const negative = bytes[at] === 45;
  if (negative) at++;
  const first = at;
  let value = 0;
  let fraction = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      if (fraction >= 0) fraction++;
    } else if ((bytes[at] === 46 || bytes[at] === decimal) && fraction < 0) fraction = 0;
    else return unusualNumber(bytes, start, end, decimal);
  }
  // Beyond 15 digits the running value is no longer exact.
  if (at - first > 15 || at === first) return unusualNumber(bytes, start, end, decimal);
  if (fraction > 0) value /= POWERS[fraction];
  return negative ? -value : value;
}

function unusualNumber(bytes: Uint8Array, start: number, end: number, decimal: number): number | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('utf8')
    .toLowerCase();
  if (MISSING.has(text)) return NaN;
  const flag = FLAGS.get(text);
  if (flag !== undefined) return flag;
  const bare = text.replace(CURRENCY, '$1');
  const point = GROUPS_BEFORE_POINT.test(bare) && (decimal !== 44 || bare.includes('.'));
  const plain = point ? bare.replace(GAPS, '') : decimal === 44 ? commaNumber(bare) : bare;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(plain) ? Number(plain) : undefined;
}

function commaNumber(text: string): string {
  return (GROUPS_BEFORE_COMMA.test(text) ? text.replace(/[. \u00a0\u202f']/g, '') : text).replace(',', '.');
}
