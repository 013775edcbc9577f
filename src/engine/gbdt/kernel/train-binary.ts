/**
 * The kernel of `../assembly/train.ts`, compiled by `npm run build:kernel`: change the source, not this file.
 */
export const trainBinary = {
  /** SHA-256 of the sources. */
  source: '86376f7bbcf287ab19e7c0a62c50d28fa8afddec19b0cb8437480b9832f7c175',
  /** The WebAssembly module in base64. */
  base64: 'AGFzbQEAAAABBwFgA39/fAACEgEDZW52Bm1lbW9yeQIDAICABAMCAQAHDAEIYWRkVG9BbGwAAApVAVMCAXsBfyAC/RQhAyAAIAFBfnFBA3RqIQQDQCAAIARJBEAgACAA/QAEACAD/fAB/QsEACAAQRBqIQAMAQsLIAFBAXEEQCAAIAArAwAgAqA5AwALCw==',
};
