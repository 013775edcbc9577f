import { describe, expect, it } from '@jest/globals';
import { csvChunks, csvLine } from './csv.ts';

describe('csvLine', () => {
  it('separates, quotes and ends lines as RFC 4180 says', () => {
    expect(csvLine(['a', 1.5, null, 'b,c', 'say "x"', 'two\nlines'])).toBe('a,1.5,,"b,c","say ""x""","two\nlines"\r\n');
  });

  it.each([
    ['=cmd|calc', "'=cmd|calc\r\n"],
    ['+1', "'+1\r\n"],
    ['-1', "'-1\r\n"],
    ['@SUM(A1)', "'@SUM(A1)\r\n"],
    ['\t=1', "'\t=1\r\n"],
    ['\r=1', '"\'\r=1"\r\n'],
    ['＝1+1', "'＝1+1\r\n"],
    ['a=b', 'a=b\r\n'],
  ])('makes text %j harmless', (text, line) => {
    expect(csvLine([text])).toBe(line);
  });

  it('leaves numbers numbers and writes nothing for what is none', () => {
    expect(csvLine([-3.25, 0, 1e21, NaN, Infinity])).toBe('-3.25,0,1e+21,,\r\n');
  });
});

describe('csvChunks', () => {
  it('writes the header of an empty table', () => {
    expect([...csvChunks(['a', 'b'], [])]).toEqual(['a,b\r\n']);
  });

  it('cuts a long table into bounded chunks without losing a line', () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [i, 'name of a product']);
    const chunks = [...csvChunks(['id', 'name'], rows)];
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(70_000);
    expect(chunks.join('').split('\r\n')).toHaveLength(20_002);
  });
});
