import { AppError } from '../../platform/http/index.ts';

/** The file as a whole cannot be read; nothing of it is loaded. 4xx, so that the job ends instead of trying again. */
export class UnreadableFileError extends AppError {
  constructor(code: string, message: string, status = 422) {
    super(status, code, message);
  }
}

const SIGNATURES: readonly (readonly [kind: string, hex: string])[] = [
  ['an empty ZIP', '504b0506'],
  ['an Excel workbook that is protected by a password or older than XLSX', 'd0cf11e0a1b11ae1'],
  ['an encrypted Parquet file', '50415245'],
  ['a PNG image', '89504e47'],
  ['a JPEG image', 'ffd8ff'],
  ['a PDF document', '255044462d'],
  ['a bzip2 archive', '425a68'],
  ['a Zstandard archive', '28b52ffd'],
  ['an XZ archive', 'fd377a585a00'],
  ['a 7z archive', '377abcaf271c'],
];

/** What a sales file may be. */
export type FileKind = 'csv' | 'xlsx' | 'parquet';

/** What a file is by its first bytes; text where nothing tells otherwise. */
export function fileKind(head: Uint8Array): FileKind {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  return magic === '504b0304' ? 'xlsx' : magic === '50415231' ? 'parquet' : 'csv';
}

/** Bytes that {@link assertReadableKind} wants to see. */
export const SNIFF_BYTES = 1024;

/** Whether the content starts like gzip. */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Refuses what is no sales file, by content and not by name.
 * @throws UnreadableFileError (415) naming the kind, or UTF-16 without a mark
 */
export function assertReadableKind(head: Uint8Array): void {
  if (fileKind(head) !== 'csv') return;
  const hex = Buffer.from(head.subarray(0, 8)).toString('hex');
  const known = SIGNATURES.find(([, signature]) => hex.startsWith(signature));
  if (known) {
    throw new UnreadableFileError(
      'FILE_KIND_UNSUPPORTED',
      `file: this is ${known[0]}; send CSV, XLSX or Parquet, gzip allowed`,
      415,
    );
  }
  const sample = head.subarray(0, SNIFF_BYTES);
  if (hex.startsWith('fffe') || hex.startsWith('feff')) return;
  if (looksLikeUtf16(sample)) {
    throw new UnreadableFileError(
      'ENCODING_UNSUPPORTED',
      'file: this is UTF-16 text without a mark; save it as UTF-8',
      415,
    );
  }
  if (sample.includes(0)) throw notText();
}

/** The refusal of bytes that no text holds. */
export function notText(): UnreadableFileError {
  return new UnreadableFileError('FILE_NOT_TEXT', 'file: this is a binary file; send CSV text, gzip allowed', 415);
}

/** Latin text as UTF-16 without a mark has a zero in every other byte. */
function looksLikeUtf16(sample: Uint8Array): boolean {
  if (sample.length < 8) return false;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    if (sample[i] !== 0) continue;
    if (i % 2) odd++;
    else even++;
  }
  const quarter = sample.length / 4;
  return (odd > quarter && even === 0) || (even > quarter && odd === 0);
}
