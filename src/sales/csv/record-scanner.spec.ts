import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { RecordScanner, unescapeQuotes } from './record-scanner.ts';

interface Scanned {
  records: string[][];
  lines: number[];
  malformed: number;
}

/** Scans text handed over in pieces of `size` bytes, as a stream would. */
function scan(text: string, size = Infinity, delimiter = ','): Scanned {
  const bytes = Buffer.from(text);
  const scanner = new RecordScanner(delimiter.charCodeAt(0));
  const result: Scanned = { records: [], lines: [], malformed: 0 };
  let position = 0;
  for (let end = Math.min(size, bytes.length); ; end = Math.min(end + size, bytes.length)) {
    const final = end === bytes.length;
    while (position < end) {
      const next = scanner.next(bytes, position, end, final);
      if (next < 0) break;
      position = next;
      if (scanner.empty) continue;
      if (scanner.malformed) result.malformed++;
      result.lines.push(scanner.line);
      result.records.push(
        Array.from({ length: scanner.fieldCount }, (_, i) =>
          scanner.escaped[i]
            ? unescapeQuotes(bytes, scanner.starts[i], scanner.ends[i]).toString()
            : bytes.toString('utf8', scanner.starts[i], scanner.ends[i]),
        ),
      );
    }
    if (final) return result;
  }
}

function reference(text: string, delimiter = ','): string[][] {
  return parse(text, {
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
  });
}

const piece = fc.constantFrom('a', 'bc', '1', ' ', 'é', '"', '""', ',', ';', '\n', '\r', '\r\n', '.', '-');
const anyText = fc.array(piece, { maxLength: 40 }).map((parts) => parts.join(''));
const value = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(''));

describe('RecordScanner', () => {
  it('agrees with csv-parse on whatever csv-parse accepts, and finds fault where csv-parse refuses', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 9 }), (text, size) => {
        const scanned = scan(text, size);
        let expected: string[][];
        try {
          expected = reference(text);
        } catch {
          expect(scanned.malformed).toBeGreaterThan(0);
          return;
        }
        expect(scanned.malformed).toBe(0);
        expect(scanned.records).toEqual(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads back any values that were quoted properly, under every delimiter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 30 }),
        (rows, delimiter, lineEnd, size) => {
          const text = rows
            .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter) + lineEnd)
            .join('');
          expect(scan(text, size, delimiter).records).toEqual(rows);
          expect(reference(text, delimiter)).toEqual(rows);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('numbers records by the physical line they start on', () => {
    expect(scan('a,b\r\n"1\r\n2\n3\r4",x\n\n5,6\r7,8').lines).toEqual([1, 2, 7, 8]);
  });

  it.each([
    ['a,b"c,d\n1,2\n', 'quote inside'],
    ['"a"b,c\n1,2\n', 'text after'],
  ])('goes on with the next line after %j', (text) => {
    const { records, malformed } = scan(text);
    expect(malformed).toBe(1);
    expect(records.at(-1)).toEqual(['1', '2']);
  });
});
