const PRIME_LOW = 0x1b3;
const RANGE = 2 ** 32;

/**
 * FNV-1a, 64 bits, over the UTF-16 code units of a text (low byte first), as 16 hexadecimal digits. It finds damage,
 * not forgery.
 */
export function fnv1a64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  const mix = (byte: number): void => {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3; every product below stays under 2^53.
    const product = low * PRIME_LOW;
    high = (high * PRIME_LOW + Math.floor(product / RANGE) + ((low << 8) >>> 0)) % RANGE;
    low = product % RANGE;
  };
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    mix(unit & 255);
    mix(unit >>> 8);
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
