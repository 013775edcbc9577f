import { type DatasetFacts, SUFFICIENCY_NAMES } from '../../engine/index.ts';
import type { GateVerdict } from '../registry/gate.ts';
import type { TrainingReport } from './training-workflow.ts';

/** What a training answers as long as nothing of it is published. */
export function reportOf(
  version: string,
  gate: GateVerdict,
  businessDate: string,
  facts: Pick<DatasetFacts, 'sufficiency'>,
): TrainingReport {
  return {
    model_version: version,
    promoted: false,
    gate,
    run_id: null,
    series_count: 0,
    business_date: businessDate,
    sufficiency: Object.fromEntries(SUFFICIENCY_NAMES.map((name) => [name, facts.sufficiency[name] ?? 0])),
  };
}
