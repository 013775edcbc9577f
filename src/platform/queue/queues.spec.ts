import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../config/index.ts';
import { fleetOf, FLEETS, QUEUE_NAMES, workedQueues } from './queues.ts';

describe('the queues of a worker', () => {
  it('are all where it was told none', () => {
    expect([...workedQueues(null)]).toEqual(QUEUE_NAMES);
  });

  it('are shared out by fleets, each queue to one', () => {
    const shares = FLEETS.map((fleet) => workedQueues([fleet]));
    expect(shares.flatMap((share) => [...share]).sort()).toEqual([...QUEUE_NAMES].sort());
    for (const share of shares) expect(share.size).toBeGreaterThan(0);
    expect([...workedQueues(['training'])].map(fleetOf)).not.toContain('general');
    expect(workedQueues(['training'])).toContain('model-training');
  });

  it('are those it was told by name, also beside a fleet', () => {
    expect([...workedQueues(['sales-import', 'housekeeping'])].sort()).toEqual(['housekeeping', 'sales-import']);
    expect(workedQueues(['training', 'sales-import']).size).toBe(workedQueues(['training']).size + 1);
  });

  it('must exist', () => {
    expect(() => workedQueues(['general', 'trainings'])).toThrow(ConfigError);
    expect(() => workedQueues(['general', 'trainings'])).toThrow(/^WORKER_QUEUES: there is no queue trainings$/);
  });
});
