import { ablateSignals } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import type { AblationInput, AblationOutput } from './ablation-types.ts';

// Runs in a thread of its own: it trains dozens of small models.
serveThread<AblationInput, AblationOutput>(({ panel, events, groups, options }, context) => ({
  result: ablateSignals(panel, events, groups, options, context),
}));
