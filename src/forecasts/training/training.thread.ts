import { trainForecaster } from '../../engine/index.ts';
import { serveThread } from '../../platform/threads/index.ts';
import { productScales, seriesScales } from './holdout-scales.ts';
import { buffersOf, TrainingInput, TrainingOutput } from './thread-types.ts';

// Runs in a thread of its own: a fit takes minutes of pure computing.
serveThread<TrainingInput, TrainingOutput>(({ panel, events, options, fitted }, context) => {
  const training = trainForecaster(panel, events, options, { ...context, fitted, onFitted: context.onPart });
  const held = training.holdOut?.forecast;
  const result: TrainingOutput = {
    ...training,
    scales: held
      ? {
          series: seriesScales(panel, held.startPeriod),
          products: productScales(panel, held.productTotals.products, held.startPeriod),
        }
      : null,
  };
  return { result, transfer: buffersOf(result) };
});
