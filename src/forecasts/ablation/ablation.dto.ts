import { ApiProperty } from '@nestjs/swagger';
import type { AblationScore, Estimate, SignalComparison } from '../../engine/index.ts';
import { SIGNAL_GROUPS } from './model-signal-groups.ts';
import { SIGNAL_VERDICTS, type StoredGain } from './signal-gains.ts';

/** Forecasts with or without a group of signals, on the same days. Null where nothing was sold. */
export class SignalMeasuresDto {
  @ApiProperty({ type: Number, nullable: true }) wape: number | null;
  @ApiProperty({ type: Number, nullable: true }) bias: number | null;
  /** Mean weighted quantile loss over all levels. */
  @ApiProperty({ type: Number, nullable: true }) wql: number | null;
  /** Share of the actuals inside P10..P90. */
  @ApiProperty({ type: Number, nullable: true }) coverage: number | null;

  static of({ wape, bias, wql, coverage }: AblationScore): SignalMeasuresDto {
    return { wape, bias, wql, coverage };
  }
}

/** What a group of signals gains for the series of one demand class. */
export class SegmentGainDto {
  @ApiProperty() segment: string;
  @ApiProperty({ type: 'integer' }) series: number;
  @ApiProperty({ type: Number, nullable: true }) wape_with: number | null;
  @ApiProperty({ type: Number, nullable: true }) wape_without: number | null;
  @ApiProperty({ type: Number, nullable: true }) gain: number | null;
  @ApiProperty({ type: [Number], nullable: true, minItems: 2, maxItems: 2 }) interval: number[] | null;
  @ApiProperty({ enum: SIGNAL_VERDICTS }) verdict: string;

  static of(comparison: SignalComparison): SegmentGainDto {
    const { segment, series, whole, without, gain, verdict } = comparison;
    return {
      segment: segment ?? 'all',
      series,
      wape_with: whole.wape,
      wape_without: without.wape,
      gain: gain?.value ?? null,
      interval: intervalOf(gain),
      verdict,
    };
  }
}

/** What a group of signals gains, measured by models with and without it on the same days of a sample of series. */
export class SignalGainDto {
  @ApiProperty({ enum: SIGNAL_GROUPS.map(({ name }) => name) }) group: string;
  /** Series that were compared. */
  @ApiProperty({ type: 'integer' }) series: number;
  @ApiProperty({ type: Number, nullable: true }) wape_with: number | null;
  @ApiProperty({ type: Number, nullable: true }) wape_without: number | null;
  /** WAPE without less WAPE with: above 0 where the signal gains. */
  @ApiProperty({ type: Number, nullable: true }) gain: number | null;
  /** Its 95 % interval over products and origins. */
  @ApiProperty({ type: [Number], nullable: true, minItems: 2, maxItems: 2 }) interval: number[] | null;
  /**
   * `gains` or `harms` where the interval excludes 0; `off` is a group that the configuration keeps from models or does not
   * fetch, `no_data` one of which the history holds nothing.
   */
  @ApiProperty({ enum: SIGNAL_VERDICTS }) verdict: string;
  /** The same difference of the weighted quantile loss, and its interval. */
  @ApiProperty({ type: Number, nullable: true }) quantile_gain: number | null;
  @ApiProperty({ type: [Number], nullable: true, minItems: 2, maxItems: 2 }) quantile_interval: number[] | null;
  @ApiProperty({ type: SignalMeasuresDto, nullable: true }) with: SignalMeasuresDto | null;
  @ApiProperty({ type: SignalMeasuresDto, nullable: true }) without: SignalMeasuresDto | null;
  @ApiProperty({ type: [SegmentGainDto] }) by_segment: SegmentGainDto[];
  @ApiProperty({ format: 'date-time' }) measured_at: string;
  @ApiProperty() model_version: string;

  static of(version: string, found: StoredGain & { readonly measuredAt: Date }): SignalGainDto {
    const { group, verdict, overall, bySegment, measuredAt } = found;
    return {
      group,
      series: overall?.series ?? 0,
      wape_with: overall?.whole.wape ?? null,
      wape_without: overall?.without.wape ?? null,
      gain: overall?.gain?.value ?? null,
      interval: intervalOf(overall?.gain ?? null),
      verdict,
      quantile_gain: overall?.quantileGain?.value ?? null,
      quantile_interval: intervalOf(overall?.quantileGain ?? null),
      with: overall && SignalMeasuresDto.of(overall.whole),
      without: overall && SignalMeasuresDto.of(overall.without),
      by_segment: (bySegment ?? []).map(SegmentGainDto.of),
      measured_at: measuredAt.toISOString(),
      model_version: version,
    };
  }
}

function intervalOf(estimate: Estimate | null): number[] | null {
  return estimate && [estimate.low, estimate.high];
}
