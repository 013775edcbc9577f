import { describe, expect, it } from '@jest/globals';
import { randomBooster } from '../../../test/support/random-forest.ts';
import { CorruptModelError } from '../errors.ts';
import { createRng } from '../rng.ts';
import { fnv1a64 } from './checksum.ts';
import { DEFAULT_BOOSTER_PARAMS, parseBooster, predictBooster, serializeBooster, trainBooster } from './index.ts';

const rng = createRng(4);
const x = Float32Array.from({ length: 3000 }, () => (rng() < 0.1 ? NaN : rng() * 100));
const z = Float32Array.from({ length: 3000 }, () => Math.floor(rng() * 5));
const y = x.map((v, i) => (Number.isNaN(v) ? 3 : Math.floor(v / 10)) + z[i]);
const data = { names: ['prix d’achat', 'z'], columns: [x, z], rowCount: 3000 };
const booster = trainBooster(data, y, null, {
  ...DEFAULT_BOOSTER_PARAMS,
  trees: 20,
  loss: { kind: 'tweedie', power: 1.2 },
});

/** A stored model with its body changed and its checksum made right again. */
function reseal(change: (body: string) => string): string {
  const text = serializeBooster(booster);
  const lineEnd = text.indexOf('\n');
  const body = change(text.slice(lineEnd + 1, -1));
  return `shelfcast-booster 2 ${fnv1a64(body)}\n${body}\n`;
}

describe('serializeBooster and parseBooster', () => {
  it('bring back the same booster to the bit', () => {
    const text = serializeBooster(booster);
    const restored = parseBooster(text);
    expect(restored).toEqual(booster);
    expect(predictBooster(restored, data)).toEqual(predictBooster(booster, data));
    expect(serializeBooster(restored) === text).toBe(true);
  });

  it('keep categories, optional settings and the sign of zero', () => {
    const random = randomBooster(createRng(8), { trees: 5, leaves: 12, features: 3, categorical: [1] });
    const forest = { ...random.forest, value: random.forest.value.map((v, i) => (i % 3 === 0 ? -0 : v)) };
    const params = { ...random.params, seed: 7, laterSetting: [1, 2] };
    const kept = { ...random, baseScore: -0, params, forest };
    const restored = parseBooster(serializeBooster(kept));
    expect(restored).toEqual(kept);
    expect(restored.forest.categoryBits.length).toBeGreaterThan(0);
    expect(Object.is(restored.forest.value[0], -0)).toBe(true);
  });

  it('refuse sets of categories that lie outside', () => {
    const random = randomBooster(createRng(8), { trees: 1, leaves: 2, features: 1, categorical: [0] });
    const words = random.forest.categoryBits.length;
    const broken = [
      { categoryAt: Int32Array.of(words, -1, -1) },
      { categoryAt: Int32Array.of(0, 0, -1) },
      { categoryBits: random.forest.categoryBits.map((bits, i) => (i === 0 ? words : bits)) },
      { categoryBits: new Uint32Array(0) },
    ];
    expect(parseBooster(serializeBooster(random))).toEqual(random);
    for (const change of broken) {
      const text = serializeBooster({ ...random, forest: { ...random.forest, ...change } });
      expect(() => parseBooster(text)).toThrow(CorruptModelError);
    }
  });

  it('refuse a text in which any one character was changed', () => {
    const text = serializeBooster(booster);
    for (let at = 0; at < text.length; at += 1597) {
      const other = text[at] === '1' ? '2' : '1';
      expect(() => parseBooster(text.slice(0, at) + other + text.slice(at + 1))).toThrow(CorruptModelError);
    }
  });

  it.each(['', 'hello', '{}', 'tree\nversion=v4\n', 'shelfcast-booster 3 0000000000000000\n{}\n'])(
    'refuse %p',
    (text) => {
      expect(() => parseBooster(text)).toThrow(CorruptModelError);
    },
  );

  it('refuse a text cut short', () => {
    const text = serializeBooster(booster);
    for (const length of [1, 30, 60, text.length - 1]) {
      expect(() => parseBooster(text.slice(0, length))).toThrow(CorruptModelError);
    }
  });

  it('refuse a sealed model that makes no sense', () => {
    expect(parseBooster(reseal((body) => body))).toEqual(booster);
    const broken = [
      (body: string) => body.slice(0, -1),
      (body: string) => body.replace('"left":[1,', '"left":[0,'),
      (body: string) => body.replace('"right":[2,', '"right":[999999,'),
      (body: string) => body.replace('"trees":20', '"trees":21'),
      (body: string) => body.replace(/"feature":\[\d/, '$&.5'),
      (body: string) => body.replace(/"missingLeft":\[\d/, '"missingLeft":[2'),
      (body: string) => body.replace('"power":1.2', '"power":3'),
      (body: string) => body.replace('"value":[0,', '"value":[null,'),
      (body: string) => body.replace('"featureNames":["prix d’achat","z"]', '"featureNames":[]'),
    ];
    for (const change of broken) expect(() => parseBooster(reseal(change))).toThrow(CorruptModelError);
  });
});

describe('fnv1a64', () => {
  it('is the offset basis for the empty text and matches plain 64-bit arithmetic otherwise', () => {
    expect(fnv1a64('')).toBe('cbf29ce484222325');
    let hash = 0xcbf29ce484222325n;
    for (const unit of 'Shelf 😀') {
      for (let i = 0; i < unit.length; i++) {
        const code = unit.charCodeAt(i);
        for (const byte of [code & 255, code >>> 8]) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
      }
    }
    expect(fnv1a64('Shelf 😀')).toBe(hash.toString(16).padStart(16, '0'));
  });
});
