/** The unread part of a stream in one reused buffer. */
export class ByteWindow {
  bytes = Buffer.allocUnsafe(1 << 21);
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) {
      const needed = this.length + chunk.length;
      const target = needed > this.bytes.length ? Buffer.allocUnsafe(needed * 2) : this.bytes;
      this.bytes.copy(target, 0, this.start, this.end);
      this.bytes = target;
      this.end -= this.start;
      this.start = 0;
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }
}
