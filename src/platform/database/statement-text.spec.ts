import { describe, expect, it } from '@jest/globals';
import { statementText, statementVerb } from './statement-text.ts';

describe('The text of a statement', () => {
  it.each([
    ['SELECT a\n  FROM t\n WHERE b = $1 AND c2 = $12', 'SELECT a FROM t WHERE b = $1 AND c2 = $12'],
    [`SELECT 'it''s', 17, -2.5e3 FROM t1 WHERE x > .5`, 'SELECT ?, ?, -? FROM t1 WHERE x > ?'],
    [`SELECT E'a\\'b' || 'c', "odd '1' name" FROM t`, 'SELECT ? || ?, "odd \'1\' name" FROM t'],
    [`SELECT $$it's$$, $tag$ $1 'x' $tag$, $1`, 'SELECT ?, ?, $1'],
    [`SELECT 1 -- don't\n, 2 /* 'nor' this */ FROM t`, 'SELECT ? , ? FROM t'],
  ])('keeps no value and no comment: %s', (sql, told) => {
    expect(statementText(sql)).toBe(told);
  });

  it('is bounded', () => {
    expect(statementText(`SELECT ${'column, '.repeat(10_000)}`).length).toBeLessThanOrEqual(2_000);
  });

  it('begins with what it does', () => {
    expect(statementVerb(statementText('  insert into t values ($1)'))).toBe('INSERT');
    expect(statementVerb('(SELECT 1)')).toBe('SQL');
  });
});
