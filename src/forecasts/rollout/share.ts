/** 32-bit FNV-1a of a text's UTF-8 bytes, with the last mixing step of MurmurHash3 so that near texts lie far apart. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Whether a product belongs to the share that a new version forecasts. It depends on the rollout and the SKU alone: the
 * same on every instance and after every restart, and who is in a share stays in each larger one. The places of a product
 * and its total go together, so that the total stays their sum.
 * @param salt names the rollout
 * @param share 0 to 1
 */
export function inShare(salt: string, sku: string, share: number): boolean {
  return hash32(`${salt}:${sku}`) / 2 ** 32 < share;
}
