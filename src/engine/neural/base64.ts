const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUE_OF = new Int16Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUE_OF[ALPHABET.charCodeAt(i)] = i;

/** Numbers as base64 (RFC 4648) of their IEEE 754 single-precision bits, little-endian on every machine. */
export function floatsToBase64(values: Float32Array): string {
  const bytes = new Uint8Array(Math.ceil((values.length * 4) / 3) * 3);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const bits = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    parts.push(ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63] + ALPHABET[(bits >> 6) & 63] + ALPHABET[bits & 63]);
  }
  const text = parts.join('');
  const padding = bytes.length - values.length * 4;
  return padding ? text.slice(0, -padding) + '='.repeat(padding) : text;
}

/** Reads what {@link floatsToBase64} wrote; null where the text is no base64 of exactly `count` numbers. */
export function floatsFromBase64(text: string, count: number): Float32Array | null {
  if (text.length !== Math.ceil((count * 4) / 3) * 4) return null;
  const bytes = new Uint8Array((text.length / 4) * 3);
  const padding = bytes.length - count * 4;
  for (let i = 0, at = 0; i < text.length; i += 4) {
    let bits = 0;
    for (let k = 0; k < 4; k++) {
      const padded = i + k >= text.length - padding;
      const value = padded ? (text[i + k] === '=' ? 0 : -1) : (VALUE_OF[text.charCodeAt(i + k)] ?? -1);
      if (value < 0) return null;
      bits = (bits << 6) | value;
    }
    bytes[at++] = bits >> 16;
    bytes[at++] = (bits >> 8) & 255;
    bytes[at++] = bits & 255;
  }
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
}
