interface Measured {
  readonly wape: number | null;
  readonly bias: number | null;
  readonly coverage: number | null;
  readonly pinball: number | null;
}

/** What the registry answers about a model, as far as the table shows it. */
export interface TrainedModel {
  readonly version: string;
  readonly stage: string;
  readonly decision: string;
  readonly metrics: (Measured & { readonly seasonal_naive_wape: number | null }) | null;
  readonly members: readonly (Measured & { readonly name: string })[];
  readonly champion_comparison: {
    readonly champion_version: string | null;
    readonly candidate_wape: number;
    readonly champion_wape: number;
    readonly series_better: number | null;
    readonly series_worse: number | null;
  } | null;
}

const shown = (value: number | null, digits = 3) => (value === null ? '–' : value.toFixed(digits));

/** The experiment as lines of a table. */
export function experimentTable(model: TrainedModel): string[] {
  const row = (name: string, measured: Measured) =>
    `${name.padEnd(18)} ${shown(measured.wape).padStart(8)} ${shown(measured.bias).padStart(8)} ${shown(measured.coverage).padStart(9)} ${shown(measured.pinball).padStart(8)}`;
  const lines = [`Version ${model.version} (${model.stage})`];
  if (model.metrics === null) lines.push('The history was too short to hold days out.');
  else {
    lines.push('', `${'on the days held out'.padEnd(18)} ${'WAPE'.padStart(6)}     bias  coverage  pinball`);
    lines.push(row('ensemble', model.metrics));
    for (const member of model.members) lines.push(row(member.name, member));
    lines.push(`${'seasonal naive'.padEnd(18)} ${shown(model.metrics.seasonal_naive_wape).padStart(8)}`);
  }
  const comparison = model.champion_comparison;
  if (comparison)
    lines.push(
      '',
      `Beside the champion ${comparison.champion_version ?? ''}: WAPE ${shown(comparison.candidate_wape, 4)} against ${shown(comparison.champion_wape, 4)}, ` +
        `better on ${comparison.series_better ?? '–'} series, worse on ${comparison.series_worse ?? '–'}`,
    );
  return [...lines, '', model.decision];
}
