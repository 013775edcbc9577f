import { openFavorita } from './favorita.ts';
import { openM5 } from './m5.ts';
import { openOnlineRetail } from './online-retail.ts';
import type { RetailData, RetailRequest } from './retail-data.ts';
import { openRossmann } from './rossmann.ts';

const READERS = {
  m5: openM5,
  favorita: openFavorita,
  rossmann: openRossmann,
  'online-retail': openOnlineRetail,
} as const satisfies Record<string, (request: RetailRequest) => Promise<RetailData>>;

/** A public layout of retail sales. */
export type LayoutName = keyof typeof READERS;

export const LAYOUTS = Object.keys(READERS) as readonly LayoutName[];

/** Opens a data set. @throws InputError naming file, line and column */
export function openLayout(layout: LayoutName, request: RetailRequest): Promise<RetailData> {
  return READERS[layout](request);
}
