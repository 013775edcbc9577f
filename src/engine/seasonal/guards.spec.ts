import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createRng } from '../rng.ts';
import { AWKWARD_KINDS, awkwardSeries, violationOf } from './awkward-series.ts';
import { LOCAL_MODELS, localModelsWith, type LocalModel } from './local-models.ts';

const SERIES = 2000;
/** The decomposition costs a hundred times what the others do. */
const SERIES_FOR_MSTL = 100;
const wasm = readFileSync(
  createRequire(import.meta.url)
    .resolve('@bsull/augurs/mstl')
    .replace(/\.js$/, '_bg.wasm'),
);

const rng = createRng(5);
const awkward = Array.from({ length: SERIES }, (_, i) => awkwardSeries(rng, i % 50 === 0 ? 400 : 90));

function violations(name: string, model: LocalModel, count: number): string[] {
  const found: string[] = [];
  awkward.slice(0, count).forEach((series, i) => {
    const wrong = violationOf(model, series, rng);
    if (wrong !== null) found.push(`${name}, ${series.kind} of ${series.end} periods (${i}): ${wrong}`);
  });
  return found;
}

describe('guards of the local models', () => {
  it.each(Object.entries<LocalModel>(LOCAL_MODELS))('%s keeps its bounds on 2000 awkward series', (name, model) => {
    expect(violations(name, model, SERIES)).toEqual([]);
  });

  it('mstl keeps its bounds too', () => {
    expect(violations('mstl', localModelsWith(wasm).mstl, SERIES_FOR_MSTL)).toEqual([]);
  });

  it('sees a model that breaks them', () => {
    const careless: LocalModel = (series, _seasons, horizon, out, at) => {
      out.fill(series.values[series.offset + series.end - 1], at, at + horizon);
      return 'careless';
    };
    expect(violations('careless', careless, 300).length).toBeGreaterThan(30);
  });

  it('draws every kind', () => {
    expect(new Set(awkward.map(({ kind }) => kind)).size).toBe(AWKWARD_KINDS.length);
  });
});
