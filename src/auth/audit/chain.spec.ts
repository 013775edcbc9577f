import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { anchorText, BEGINNING, ChainedEntry, followChain, linkHash, parseAnchor } from './chain.ts';

const ENTRY = {
  present: true,
  at: '1764500000123456',
  actor: 'ann@example.test',
  action: 'product.updated',
  entity: 'product',
  entity_id: 'p',
  before: null,
  after: '{"name": "Crème"}',
  correlation_id: null,
};

/** A chain that holds, of entries that differ by their ids. */
function chainOf(count: number): ChainedEntry[] {
  const entries: ChainedEntry[] = [];
  let last: Buffer = Buffer.alloc(32);
  for (let position = 1; position <= count; position++) {
    const entry = { ...ENTRY, position, audit_id: String(position * 10), hash: last };
    last = linkHash(last, entry);
    entries.push({ ...entry, hash: last });
  }
  return entries;
}

describe('the hash of a link', () => {
  it('is that of the hash before and the fields, each with its length in bytes', () => {
    const text =
      '1:7,2:70,16:1764500000123456,16:ann@example.test,15:product.updated,7:product,1:p,-,18:{"name": "Crème"},-';
    const wanted = createHash('sha256').update(Buffer.alloc(32, 5)).update(text).digest('hex');
    const entry = { ...ENTRY, position: 7, audit_id: '70', hash: Buffer.alloc(0) };
    expect(linkHash(Buffer.alloc(32, 5), entry).toString('hex')).toBe(wanted);
  });

  it('is another when text moves from one field to the next, or an empty one becomes none', () => {
    const [entry] = chainOf(1);
    const hashes = [
      entry,
      { ...entry, actor: 'ann@example.testproduct', action: '.updated' },
      { ...entry, actor: 'ann@example.test,15:product.updated', action: '' },
      { ...entry, correlation_id: '' },
      { ...entry, correlation_id: '-' },
    ].map((variant) => linkHash(Buffer.alloc(32), variant).toString('hex'));
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('following a chain', () => {
  it('goes on from page to page to its last link', () => {
    const chain = chainOf(5);
    const { last } = followChain(BEGINNING, chain.slice(0, 2));
    expect(followChain(last, chain.slice(2))).toEqual({
      last: { position: 5, hash: chain[4].hash.toString('hex') },
      broken: null,
    });
  });

  it.each<[string, (chain: ChainedEntry[]) => ChainedEntry[], object]>([
    ['a changed field', (c) => c.with(2, { ...c[2], after: '{}' }), { fault: 'changed', position: 3, entryId: 30 }],
    [
      'a time moved by a microsecond',
      (c) => c.with(1, { ...c[1], at: '1764500000123457' }),
      { fault: 'changed', position: 2 },
    ],
    ['a changed hash', (c) => c.with(1, { ...c[1], hash: Buffer.alloc(32) }), { fault: 'changed', position: 2 }],
    [
      'an entry that is gone',
      (c) => c.with(3, { ...c[3], present: false }),
      { fault: 'removed', position: 4, entryId: 40 },
    ],
    ['a link that is gone', (c) => c.toSpliced(2, 1), { fault: 'link-missing', position: 3, entryId: null }],
    [
      'two entries that changed places',
      (c) => [c[0], { ...c[2], position: 2 }, { ...c[1], position: 3 }, c[3]],
      { fault: 'changed', position: 2, entryId: 30 },
    ],
  ])('stops at %s', (_, tamper, expected) => {
    expect(followChain(BEGINNING, tamper(chainOf(4))).broken).toMatchObject(expected);
  });

  it('tells by an anchor that the chain was written anew', () => {
    const [entry] = chainOf(1);
    const forged = { ...entry, actor: 'somebody else' };
    const anew = [{ ...forged, hash: linkHash(Buffer.alloc(32), forged) }];
    expect(followChain(BEGINNING, anew).broken).toBeNull();
    const anchor = { position: 1, hash: entry.hash.toString('hex') };
    expect(followChain(BEGINNING, anew, [anchor]).broken).toMatchObject({ fault: 'anchor-differs', position: 1 });
    expect(followChain(BEGINNING, [entry], [anchor]).broken).toBeNull();
  });
});

describe('an anchor as text', () => {
  it('is read as it was written', () => {
    const anchor = { position: 42, hash: 'ab'.repeat(32) };
    expect(parseAnchor(anchorText(anchor))).toEqual(anchor);
  });

  it.each(['', '42', ':', `x:${'a'.repeat(64)}`, `1:${'A'.repeat(64)}`, `1:${'a'.repeat(63)}`, `-1:${'a'.repeat(64)}`])(
    'is none in %j',
    (text) => expect(parseAnchor(text)).toBeNull(),
  );
});
