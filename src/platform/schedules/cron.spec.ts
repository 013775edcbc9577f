import { describe, expect, it } from '@jest/globals';
import { countTicks, isCron, latestTick, nextTick } from './cron.ts';

/** The ticks from one time on, as a scheduler that looks every ten minutes sees them. */
function seen(cron: string, timezone: string, from: string, to: string): string[] {
  const ticks = new Set<string>();
  for (let time = Date.parse(from); time <= Date.parse(to); time += 600_000) {
    const tick = latestTick(cron, timezone, new Date(time));
    if (tick && tick.getTime() >= Date.parse(from)) ticks.add(tick.toISOString());
  }
  return [...ticks];
}

describe('a schedule', () => {
  it('comes due by the clock of its time zone', () => {
    const tick = '2026-11-26T21:00:00.000Z';
    expect(latestTick('30 2 * * *', 'Asia/Kolkata', new Date(tick))?.toISOString()).toBe(tick);
    expect(latestTick('30 2 * * *', 'Asia/Kolkata', new Date(Date.parse(tick) - 1))?.toISOString()).toBe(
      '2026-11-25T21:00:00.000Z',
    );
    expect(nextTick('30 2 * * *', 'Asia/Kolkata', new Date(tick))?.toISOString()).toBe('2026-11-27T21:00:00.000Z');
  });

  it('comes due on the day that has no such hour, once', () => {
    expect(seen('30 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z', '2026-03-10T00:00:00Z')).toEqual([
      '2026-03-07T07:30:00.000Z',
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ]);
  });

  it('comes due on the day that has the hour twice, once', () => {
    expect(seen('30 1 * * *', 'America/New_York', '2026-10-31T00:00:00Z', '2026-11-03T00:00:00Z')).toEqual([
      '2026-10-31T05:30:00.000Z',
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ]);
  });

  it('of every hour comes due in both hours of the same name', () => {
    expect(seen('0 * * * *', 'America/New_York', '2026-11-01T05:00:00Z', '2026-11-01T07:00:00Z')).toHaveLength(3);
  });

  it('counts what lies between', () => {
    expect(countTicks('0 * * * *', 'UTC', new Date('2026-01-01T00:00:00Z'), new Date('2026-01-01T05:00:00Z'))).toBe(4);
  });

  it.each([
    ['0 3 * * 0', true],
    ['*/15 8-20 * * MON-FRI', true],
    ['0 0 29 2 *', true],
    ['0 0 31 2 *', false],
    ['61 * * * *', false],
    ['* * * *', false],
    ['0 0 * * * *', false],
    ['often', false],
    ['', false],
  ])('%j is one: %s', (cron, valid) => {
    expect(isCron(cron, new Date('2026-11-27T00:00:00Z'))).toBe(valid);
  });
});
