import { describe, expect, it } from '@jest/globals';
import { experimentTable } from './experiment-table.ts';

const measured = { wape: 0.4123, bias: -0.01, coverage: 0.8, pinball: 0.5 };

describe('experimentTable', () => {
  it('shows ensemble, members, champion and decision', () => {
    const lines = experimentTable({
      version: '2025-09-30-1a2b3c4d',
      stage: 'experiment',
      decision: 'It passed every check of the gate.',
      metrics: { ...measured, seasonal_naive_wape: 0.6 },
      members: [{ name: 'boosted', ...measured, wape: 0.43 }],
      champion_comparison: {
        champion_version: 'old',
        candidate_wape: 0.41,
        champion_wape: 0.42,
        series_better: 7,
        series_worse: 3,
      },
    });
    expect(lines[0]).toBe('Version 2025-09-30-1a2b3c4d (experiment)');
    expect(lines.find((line) => line.startsWith('ensemble'))).toMatch(/0\.412 +-0\.010 +0\.800 +0\.500/);
    expect(lines.find((line) => line.startsWith('boosted'))).toContain('0.430');
    expect(lines.join('\n')).toContain('WAPE 0.4100 against 0.4200, better on 7 series, worse on 3');
    expect(lines.at(-1)).toBe('It passed every check of the gate.');
  });

  it('says so where nothing could be judged', () => {
    const lines = experimentTable({
      version: 'v',
      stage: 'experiment',
      decision: 'It failed the gate.',
      metrics: null,
      members: [],
      champion_comparison: null,
    });
    expect(lines).toContain('The history was too short to hold days out.');
  });
});
