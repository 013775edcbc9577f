import { dayInZone, parseIsoDay } from '../csv/values.ts';

/** An event this far ahead of our clock is one whose till runs fast; beyond it lies in the future. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** Older events come too late for the stream; ids are remembered for longer than that. */
export const MAX_AGE_MS = 7 * 86_400_000;
/** Longest event, in bytes of its JSON text. */
export const MAX_EVENT_BYTES = 4_096;

const LONGEST_ID = 100;
/** As long as sales files may name them, in bytes. */
const LONGEST_NAME = 200;
const LARGEST_QUANTITY = 1e9;
const LARGEST_PRICE = 1e9;
const LONGEST_INSTANT = 40;
const FIELDS = new Set([
  'event_id',
  'occurred_at',
  'sku',
  'product_id',
  'location',
  'location_id',
  'quantity',
  'price',
]);
const INSTANT = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const CONTROL = /\p{Cc}|\p{Cs}/u;
/** Zones are apart by quarters of an hour, and move by such. */
const SLOT_MS = 15 * 60_000;
const MOST_SLOTS = 2_000;

/** Accepted events, column by column, as a batch is kept. */
export class EventColumns {
  readonly ids: string[] = [];
  /** Days since 1970-01-01 in the zone of the business. */
  readonly days: number[] = [];
  /** SKU, or public id. */
  readonly products: string[] = [];
  /** Code, or public id. */
  readonly locations: string[] = [];
  readonly quantities: number[] = [];
  readonly prices: (number | null)[] = [];
  /** JSON text of each event. */
  readonly lines: string[] = [];
}

/** Why an event was refused. */
export interface Refusal {
  readonly field: string;
  readonly reason: string;
}

/** The time and the zone that events are judged by. */
export interface EventClock {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** IANA name of the zone whose days are the business's. */
  readonly timezone: string;
}

/**
 * Checks events by hand, one after the other, and keeps those that are fit in columns: thousands come each second, and
 * an instance of a class for each would cost more than storing them.
 */
export class EventReader {
  readonly accepted = new EventColumns();
  /** Events whose id an earlier one of the same batch has. */
  duplicates = 0;
  private readonly seen = new Set<string>();
  private readonly dayOfSlot = new Map<number, number>();

  constructor(private readonly clock: EventClock) {}

  /**
   * Takes one event, or says why it is refused.
   * @param line JSON text of the event as it came; made anew if absent
   */
  read(event: unknown, line?: string): Refusal | null {
    if (event === null || typeof event !== 'object' || Array.isArray(event))
      return { field: 'event', reason: 'must be an object' };
    if (line !== undefined && Buffer.byteLength(line) > MAX_EVENT_BYTES) return tooLarge();
    for (const key of Object.keys(event)) {
      if (!FIELDS.has(key)) return { field: key.slice(0, 100), reason: 'is no field of an event' };
    }
    const { event_id: id, occurred_at: occurredAt, quantity, price, ...names } = event as Record<string, unknown>;
    const idReason = textReason(id, LONGEST_ID, 'characters');
    if (idReason) return { field: 'event_id', reason: idReason };
    const day = this.dayOf(occurredAt);
    if (typeof day === 'string') return { field: 'occurred_at', reason: day };
    const product = nameOf(names, 'sku', 'product_id');
    if (typeof product !== 'string') return product;
    const location = nameOf(names, 'location', 'location_id');
    if (typeof location !== 'string') return location;
    if (typeof quantity !== 'number') return { field: 'quantity', reason: 'must be a number' };
    if (quantity === 0) return { field: 'quantity', reason: 'must not be 0' };
    // Written so that what JSON reads as infinite is refused as well.
    if (!(Math.abs(quantity) <= LARGEST_QUANTITY)) return { field: 'quantity', reason: 'is too large' };
    const priced = price !== undefined && price !== null;
    if (priced) {
      if (typeof price !== 'number') return { field: 'price', reason: 'must be a number' };
      if (price < 0) return { field: 'price', reason: 'is negative' };
      if (!(price <= LARGEST_PRICE)) return { field: 'price', reason: 'is too large' };
    }
    const text = line ?? JSON.stringify(event);
    if (text.length > MAX_EVENT_BYTES) return tooLarge();
    if (this.seen.has(id as string)) {
      this.duplicates++;
      return null;
    }
    this.seen.add(id as string);
    const { accepted } = this;
    accepted.ids.push(id as string);
    accepted.days.push(day);
    accepted.products.push(product);
    accepted.locations.push(location);
    accepted.quantities.push(quantity);
    accepted.prices.push(priced ? price : null);
    accepted.lines.push(text);
    return null;
  }

  /** The business's day of an instant, or why it is none that the stream takes. */
  private dayOf(value: unknown): number | string {
    if (typeof value !== 'string' || value.length > LONGEST_INSTANT || !INSTANT.test(value))
      return 'must be a time with a zone as in 2026-01-31T18:30:00+05:30';
    const instant = Date.parse(value);
    if (Number.isNaN(instant) || parseIsoDay(value.slice(0, 10)) < 0) return 'is no existing time';
    if (instant > this.clock.now + MAX_AHEAD_MS) return 'lies in the future';
    if (instant < this.clock.now - MAX_AGE_MS) return 'lies more than 7 days back; upload such sales as a file';
    const slot = Math.floor(instant / SLOT_MS);
    let day = this.dayOfSlot.get(slot);
    if (day === undefined) {
      day = dayInZone(new Date(instant), this.clock.timezone);
      if (this.dayOfSlot.size < MOST_SLOTS) this.dayOfSlot.set(slot, day);
    }
    return day;
  }
}

function tooLarge(): Refusal {
  return { field: 'event', reason: `is larger than ${MAX_EVENT_BYTES} bytes` };
}

/** Why a value is no text that identifies something; null if it is one. */
function textReason(value: unknown, longest: number, unit: 'characters' | 'bytes'): string | null {
  if (value === undefined || value === null) return 'is missing';
  if (typeof value !== 'string') return 'must be a text';
  if (value.trim() === '') return 'is empty';
  // A character has three bytes at most for each of its code units: long texts are not measured further.
  if (value.length > longest || (unit === 'bytes' && Buffer.byteLength(value) > longest))
    return `is longer than ${longest} ${unit}`;
  return CONTROL.test(value) ? 'holds control characters' : null;
}

/** What an event calls its product or place: by the name of the business, or by the public id. */
function nameOf(names: Record<string, unknown>, byName: string, byId: string): string | Refusal {
  const name = names[byName] ?? undefined;
  const id = names[byId] ?? undefined;
  if (name !== undefined && id !== undefined) return { field: byId, reason: `must not be stated beside ${byName}` };
  if (id !== undefined)
    return typeof id === 'string' && UUID.test(id) ? id.toLowerCase() : { field: byId, reason: 'must be a UUID' };
  const reason = textReason(name, LONGEST_NAME, 'bytes');
  return reason ? { field: byName, reason } : (name as string).trim();
}
