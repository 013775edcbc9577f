import { describe, expect, it } from '@jest/globals';
import { missingSignals } from './degraded-signals.ts';
import { PanelBuilder } from './panel-builder.ts';

/** A series of sixty days that states its price for the first of them. */
function panelPricedFor(days: number) {
  const builder = new PanelBuilder(0, 59);
  for (let day = 0; day < 60; day++) builder.add(1, 1, 0, day, 2, day < days ? 9.5 : NaN, NaN, NaN);
  const panel = builder.build();
  if (!panel) throw new Error('no rows');
  return panel;
}

describe('What a forecast does without', () => {
  it('is nothing where prices and events are known', () => {
    expect(missingSignals(panelPricedFor(60), [{ day: 60, name: 'Fair' }])).toEqual([]);
    expect(missingSignals(panelPricedFor(33), [{ day: 300, name: 'Fair' }])).toEqual([]);
  });

  it('are prices where none came for four weeks, or ever', () => {
    expect(missingSignals(panelPricedFor(32), [{ day: 60, name: 'Fair' }])).toEqual(['prices']);
    expect(missingSignals(panelPricedFor(0), [{ day: 60, name: 'Fair' }])).toEqual(['prices']);
  });

  it('are events where the calendar ends with the sales', () => {
    expect(missingSignals(panelPricedFor(60), [{ day: 59, name: 'Fair' }])).toEqual(['events']);
    expect(missingSignals(panelPricedFor(0), [])).toEqual(['prices', 'events']);
  });
});
