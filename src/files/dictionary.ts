/** Distinct byte texts as codes in the order of their first appearance; a look-up makes no string. */
export class ByteDictionary {
  private bytes = new Uint8Array(1 << 16);
  private starts = new Int32Array(1 << 10);
  private slots = new Int32Array(1 << 11).fill(-1);
  private last = -1;
  size = 0;

  /** Code of the text in `bytes[start..end)`. */
  codeOf(bytes: Uint8Array, start: number, end: number): number {
    // Files are mostly sorted by something: the text of the line before comes again.
    if (this.last >= 0 && this.holds(this.last, bytes, start, end)) return this.last;
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = this.slots[slot];
      if (code < 0) break;
      if (this.holds(code, bytes, start, end)) return (this.last = code);
      slot = (slot + 1) & mask;
    }
    const code = this.add(bytes, start, end);
    this.slots[slot] = code;
    if (this.size * 2 > this.slots.length) this.rehash();
    return (this.last = code);
  }

  textOf(code: number): string {
    return Buffer.from(this.bytes.buffer, this.starts[code], this.starts[code + 1] - this.starts[code]).toString(
      'utf8',
    );
  }

  texts(): string[] {
    return Array.from({ length: this.size }, (_, code) => this.textOf(code));
  }

  private holds(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[code];
    const length = end - start;
    if (this.starts[code + 1] - from !== length) return false;
    // From the end: what tells neighbours apart mostly stands there.
    for (let i = length - 1; i >= 0; i--) if (this.bytes[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private add(bytes: Uint8Array, start: number, end: number): number {
    const code = this.size++;
    if (code + 2 > this.starts.length) this.starts = copyInto(this.starts, new Int32Array(this.starts.length * 2));
    const from = this.starts[code];
    const to = from + end - start;
    if (to > this.bytes.length) this.bytes = copyInto(this.bytes, new Uint8Array(Math.max(to, this.bytes.length * 2)));
    this.bytes.set(bytes.subarray(start, end), from);
    this.starts[code + 1] = to;
    return code;
  }

  private rehash(): void {
    const slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let code = 0; code < this.size; code++) {
      let hash = 0x811c9dc5;
      for (let i = this.starts[code]; i < this.starts[code + 1]; i++)
        hash = Math.imul(hash ^ this.bytes[i], 0x01000193);
      hash ^= hash >>> 15;
      let slot = hash & mask;
      while (slots[slot] >= 0) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.slots = slots;
  }
}

function copyInto<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
