import type { QueueName } from '../queue/index.ts';

/** One step of a workflow, as it is declared. */
export interface StepDefinition<Name extends string = string> {
  /** Queue whose processor does the step. */
  readonly queue: QueueName;
  /** Steps that must have succeeded, all shards of them, before this one starts. */
  readonly after: readonly Name[];
  /** `from-parent`: one shard for each descriptor that the step before returned; needs exactly one parent. */
  readonly shards?: 'from-parent';
  /** Share of the run's progress, relative to the other steps; default 1. */
  readonly weight?: number;
}

/** A step in a stored run: complete, and after the steps it depends on. */
export interface StepShape {
  readonly step: string;
  readonly queue: QueueName;
  readonly after: readonly string[];
  readonly fromParent: boolean;
  readonly weight: number;
}

/** A declared workflow; its runs keep the shape they were started with. */
export interface Workflow {
  readonly name: string;
  /** In an order in which no step comes before one it depends on. */
  readonly shape: readonly StepShape[];
}

/**
 * Declares a workflow: a graph of steps without cycles, each done by the processor of a queue.
 * @throws Error when a step depends on an unknown step, on itself in a circle, or takes shards from other than one parent
 */
export function defineWorkflow<Name extends string>(definition: {
  readonly name: string;
  readonly steps: Readonly<Record<Name, StepDefinition<NoInfer<Name>>>>;
}): Workflow {
  const { name, steps } = definition;
  const waiting = new Map<string, StepDefinition>(Object.entries(steps));
  const shape: StepShape[] = [];
  const placed = new Set<string>();
  for (const [step, { after, shards, weight }] of waiting) {
    const problem = (message: string) => new Error(`Workflow ${name}, step ${step}: ${message}`);
    for (const parent of after) if (!(parent in steps)) throw problem(`no step ${parent}`);
    if (shards && after.length !== 1) throw problem('shards come from exactly one parent');
    if (weight !== undefined && !(weight > 0)) throw problem('weight must be above 0');
  }
  while (waiting.size) {
    const ready = [...waiting].filter(([, { after }]) => after.every((parent) => placed.has(parent)));
    if (!ready.length) throw new Error(`Workflow ${name}: ${[...waiting.keys()].join(', ')} depend on each other`);
    for (const [step, { queue, after, shards, weight }] of ready) {
      shape.push({ step, queue, after, fromParent: shards === 'from-parent', weight: weight ?? 1 });
      placed.add(step);
      waiting.delete(step);
    }
  }
  return { name, shape };
}

/** The steps that a step depends on, directly or not. */
export function ancestorsOf(shape: readonly StepShape[], step: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const parent of shape.find((one) => one.step === name)?.after ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(step);
  return found;
}
