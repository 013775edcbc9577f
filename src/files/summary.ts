import type { FitOutput } from './fit-types.ts';
import type { ForecastInput } from './forecast-input.ts';
import type { ForecastScore, PointScore } from './score-forecast.ts';

const percent = (value: number | null) => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);
const plain = (value: number | null) => (value === null ? '–' : value.toFixed(4));
const line = (label: string, text: string) => `${label.padEnd(22)} ${text}`;

/** What was read, trained and found on the periods held out. */
export function trainingSummary(input: ForecastInput, { evaluation, facts, weights, leaderboard }: FitOutput): string {
  const { panel, frequency, dates } = input;
  const counts = (entries: Readonly<Record<string, number>>) =>
    Object.entries(entries)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    line('series', String(panel.seriesCount)),
    line('periods', `${panel.periodCount} ${frequency}, ${dates[0]} to ${dates[panel.periodCount - 1]}`),
    line('demand classes', counts(facts.demandClasses)),
    line('history', counts(facts.sufficiency)),
    ...leaderboard
      .filter(({ fold, segment }) => fold === null && segment === null)
      .map(({ member, wape, bias, mase }) =>
        line(`backtest, ${member}`, `WAPE ${percent(wape)}, bias ${percent(bias)}, MASE ${plain(mase)}`),
      ),
    ...weights
      .filter(({ segment }) => (facts.demandClasses[segment] ?? 0) > 0)
      .map(({ segment, members, weights: shares }) =>
        line(
          `members, ${segment}`,
          members.flatMap((name, i) => (shares[i] >= 0.005 ? `${name} ${percent(shares[i])}` : [])).join(', '),
        ),
      ),
  ];
  if (evaluation) {
    const { ensemble, seasonalNaiveWape, holdOutPeriods } = evaluation;
    lines.push(
      line(
        'hold-out',
        `${holdOutPeriods} periods: WAPE ${percent(ensemble.wape)} (seasonal naive ${percent(seasonalNaiveWape)}), bias ${percent(ensemble.bias)}, coverage of P10–P90 ${percent(ensemble.coverage)}`,
      ),
    );
  }
  return lines.join('\n');
}

/** Accuracy against actual sales, beside the last season repeated. */
export function scoreSummary(score: ForecastScore): string {
  const beside = (name: keyof PointScore, text: (value: number | null) => string) =>
    line(name.toUpperCase(), `${text(score[name])}  (seasonal naive ${text(score.seasonalNaive[name])})`);
  const named = (entries: Readonly<Record<string, number | null>>, text: (value: number | null) => string) =>
    Object.entries(entries)
      .map(([name, value]) => `${name} ${text(value)}`)
      .join(', ');
  return [
    line('evaluated', `${score.count} series-periods`),
    beside('wape', percent),
    beside('bias', percent),
    beside('mase', plain),
    beside('rmsse', plain),
    line('wQL', named(score.wql, plain)),
    line('mean pinball loss', plain(score.pinball)),
    line('coverage, nominal %', named(score.coverage, percent)),
  ].join('\n');
}
