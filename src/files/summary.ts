import type { FitOutput } from './fit-types.ts';
import type { ForecastInput } from './forecast-input.ts';
import type { Measure } from '../engine/index.ts';
import type { ForecastScore } from './score-forecast.ts';
import type { LevelScores } from './score-levels.ts';
import type { PointScore } from './score-point.ts';

const percent = (value: Measure) => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);
const plain = (value: Measure) => (value === null ? '–' : value.toFixed(4));
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

/** Lines of the table of scores: the measure, how it is written, and whether the naive forecast has it. */
const POINT_LINES: readonly (readonly [keyof PointScore, string, (value: Measure) => string])[] = [
  ['wape', 'WAPE', percent],
  ['bias', 'bias', percent],
  ['mae', 'MAE', plain],
  ['rmse', 'RMSE', plain],
  ['mase', 'MASE, season', plain],
  ['mase1', 'MASE, one period', plain],
  ['rmsse', 'RMSSE', plain],
  ['smape', 'sMAPE (0–200)', plain],
  ['mape', 'MAPE, %', plain],
];

/** Accuracy against actual sales, beside the last season repeated. */
export function scoreSummary(score: ForecastScore, levels: LevelScores | null): string {
  const { seasonalNaive } = score;
  const few = (entries: Readonly<Record<string, Measure>>) =>
    ['q0.1', 'q0.5', 'q0.9', 'mean'].map((name) => `${name} ${plain(entries[name])}`).join(', ');
  const spans = score.byHorizon.map((span) =>
    line(
      span.from === span.to ? `  ${span.from}` : `  ${span.from}–${span.to}`,
      `WAPE ${percent(span.wape)} (${percent(span.seasonalNaive.wape)}), bias ${percent(span.bias)}, MASE ${plain(span.mase)}, wQL ${plain(span.wql.mean)}, inside 80 % ${percent(span.intervals['80'].coverage)}`,
    ),
  );
  return [
    line('evaluated', `${score.count} series-periods; in brackets the last season (${score.season}) repeated`),
    ...POINT_LINES.map(([name, label, text]) =>
      line(
        label,
        `${text(score[name])}  (${text(seasonalNaive[name])})${name === 'mape' ? `, ${score.mapeExcluded} periods without sales left out` : ''}`,
      ),
    ),
    line('wQL', few(score.wql)),
    line('pinball loss', few(score.pinball)),
    ...(['50', '80', '95'] as const).map((share) => {
      const { coverage, width, winkler } = score.intervals[share];
      return line(
        `interval, ${share} %`,
        `inside ${percent(coverage)}, width ${plain(width)}, Winkler ${plain(winkler)}`,
      );
    }),
    ...(levels
      ? [
          line('WRMSSE, 12 levels', `${plain(levels.wrmsse)}  (${plain(levels.seasonalNaiveWrmsse)})`),
          line('WSPL, 12 levels', plain(levels.wspl)),
          ...levels.byLevel.map(({ level, wrmsse, wspl }) =>
            line(`  ${level}`, `WRMSSE ${plain(wrmsse)}, WSPL ${plain(wspl)}`),
          ),
        ]
      : []),
    ...(spans.length > 1 ? ['by periods ahead', ...spans] : []),
  ].join('\n');
}
