/** The UTF-16 encoding that a file's mark names; null where it has none. */
function utf16Of(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : null;
}

/** Whether a file's mark says that it is UTF-16. */
export function isUtf16(head: Uint8Array): boolean {
  return utf16Of(head) !== null;
}

/** Text as UTF-8 where its mark says that it is UTF-16, as spreadsheets save "Unicode text"; any other as it is. */
export async function* utf8Of(head: Uint8Array, whole: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const encoding = utf16Of(head);
  if (encoding === null) {
    yield* whole;
    return;
  }
  const decoder = new TextDecoder(encoding);
  for await (const chunk of whole) {
    const text = decoder.decode(chunk, { stream: true });
    if (text) yield Buffer.from(text);
  }
  const rest = decoder.decode();
  if (rest) yield Buffer.from(rest);
}
