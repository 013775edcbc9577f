/**
 * Numbers distinct byte strings from 0 in order of appearance. Keeps the bytes and not strings, so that a value costs
 * no allocation per row and its encoding may be decided after the last row.
 */
export class ByteDictionary {
  private slots = new Int32Array(1 << 12).fill(-1);
  private hashes = new Int32Array(1 << 11);
  private offsets = new Int32Array((1 << 11) + 1);
  private arena = Buffer.allocUnsafe(1 << 16);
  size = 0;

  /** Number of the bytes between two positions; new ones are added. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (let entry = this.slots[slot]; entry >= 0; entry = this.slots[slot]) {
      if (this.hashes[entry] === hash && this.equals(entry, bytes, start, end)) return entry;
      slot = (slot + 1) & mask;
    }
    return this.add(slot, hash, bytes, start, end);
  }

  /** The values in order, read as UTF-8 or Latin-1. */
  decode(encoding: 'utf8' | 'latin1'): string[] {
    const values = new Array<string>(this.size);
    for (let i = 0; i < this.size; i++) {
      values[i] = this.arena.toString(encoding, this.offsets[i], this.offsets[i + 1]);
    }
    return values;
  }

  /** The values from a number on, as bytes that {@link addPacked} takes: their count and lengths as uint32 LE, then they. */
  packFrom(first: number): Buffer {
    const count = this.size - first;
    const values = this.arena.subarray(this.offsets[first], this.offsets[this.size]);
    const packed = Buffer.allocUnsafe(4 + 4 * count + values.length);
    let at = packed.writeUInt32LE(count, 0);
    for (let i = first; i < this.size; i++) at = packed.writeUInt32LE(this.offsets[i + 1] - this.offsets[i], at);
    values.copy(packed, at);
    return packed;
  }

  /** Adds values of {@link packFrom} that stand at a position; answers the position after them. */
  addPacked(packed: Buffer, position: number): number {
    const count = packed.readUInt32LE(position);
    let at = position + 4 + 4 * count;
    for (let i = 0; i < count; i++) {
      const end = at + packed.readUInt32LE(position + 4 + 4 * i);
      this.intern(packed, at, end);
      at = end;
    }
    return at;
  }

  private equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.offsets[entry];
    if (this.offsets[entry + 1] - from !== end - start) return false;
    for (let i = start, j = from; i < end; i++, j++) if (bytes[i] !== this.arena[j]) return false;
    return true;
  }

  private add(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const from = this.offsets[this.size];
    const to = from + end - start;
    if (to > this.arena.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.arena.length * 2, to));
      this.arena.copy(larger, 0, 0, from);
      this.arena = larger;
    }
    this.arena.set(bytes.subarray(start, end), from);
    this.hashes[this.size] = hash;
    this.offsets[this.size + 1] = to;
    this.slots[slot] = this.size++;
    if (this.size === this.hashes.length) this.grow();
    return this.size - 1;
  }

  private grow(): void {
    const hashes = new Int32Array(this.size * 2);
    hashes.set(this.hashes);
    this.hashes = hashes;
    const offsets = new Int32Array(this.size * 2 + 1);
    offsets.set(this.offsets);
    this.offsets = offsets;
    this.slots = new Int32Array(this.size * 4).fill(-1);
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.size; entry++) {
      let slot = this.hashes[entry] & mask;
      while (this.slots[slot] >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry;
    }
  }
}
