import type { Frequency } from '../series/frequency.ts';
import type { CalendarEvent, Panel } from '../series/panel.ts';
import type { RuntimeOptions } from './runtime.ts';

/** What reads the recent history: dense layers on every back end, an LSTM on the native one. */
export const NEURAL_KINDS = ['mlp', 'lstm'] as const;
export type NeuralKind = (typeof NEURAL_KINDS)[number];

/** Settings of {@link trainNeural}; what is left out takes the default named beside it. */
export interface NeuralSettings {
  /** `mlp` */
  readonly kind: NeuralKind;
  /** Periods ahead that the network forecasts at once, 1..366 (28). */
  readonly horizon: number;
  /** Ascending levels of the quantiles (.1, .5, .9). */
  readonly levels: readonly number[];
  /** Units of a hidden layer of the encoder (128). */
  readonly hidden: number;
  /** Hidden layers of the encoder, at least 1 (2). */
  readonly layers: number;
  /** Numbers that the decoder hands to each step (8). */
  readonly stepWidth: number;
  /** Hidden units of the layer shared by all steps (32). */
  readonly stepHidden: number;
  /** Gradient steps at most (400). */
  readonly steps: number;
  /** Windows a step learns from (256). */
  readonly batch: number;
  /** Learning rate after the warm-up; it falls to zero along half a cosine (0.01). */
  readonly learningRate: number;
  /** Weight decay, decoupled from the gradient as in AdamW (0.01). */
  readonly weightDecay: number;
  /** Steps between two looks at the validation windows (50). */
  readonly checkEvery: number;
  /** Looks without improvement after which training ends (4). */
  readonly patience: number;
  /** Seed of every random choice (1). */
  readonly seed: number;
  /** Whether the values of the target periods are known when they are forecast (false). */
  readonly known: { readonly price: boolean; readonly promotion: boolean };
}

/** What a network learns from or forecasts. */
export interface NeuralData {
  readonly panel: Panel;
  /** 1 where the period's sales tell the demand, `[seriesCount * periodCount]`. */
  readonly observed: Uint8Array;
  /** Named days of the history and of the periods to forecast. */
  readonly events: readonly CalendarEvent[];
  /** Planned values after the panel's end, as many per series as are known; NaN or null = the last known value holds. */
  readonly future?: { readonly price?: Float32Array | null; readonly promotion?: Float32Array | null };
}

/** Hooks of a training, with the back end to use. */
export interface NeuralHooks extends RuntimeOptions {
  /** `percent` runs from 0 to 100. */
  readonly onProgress?: (percent: number, message: string) => void;
  /** Asked before every step; true stops the work with a CancelledError. */
  readonly isCancelled?: () => boolean;
}

/** Which inputs a network has, fixed when it is trained so that columns never move. */
export interface InputPlan {
  readonly frequency: Frequency;
  readonly horizon: number;
  readonly known: { readonly price: boolean; readonly promotion: boolean };
  /** Names of events with a column of their own. */
  readonly events: readonly string[];
  /** Codes with a column of their own, per property of the series: product category, location, attributes. */
  readonly codes: readonly (readonly number[])[];
  /** Known covariates with the mean and standard deviation they are standardised by. */
  readonly covariates: readonly { readonly name: string; readonly mean: number; readonly deviation: number }[];
}

/** One array of weights, row-major. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A trained network: plain data, independent of the back end. */
export interface NeuralModel {
  readonly settings: NeuralSettings;
  readonly plan: InputPlan;
  readonly weights: readonly Weight[];
  /** Mean scaled pinball loss on the validation windows, and the step at which it was reached. */
  readonly validation: { readonly loss: number; readonly step: number };
}

/** Forecasts of all series of a panel, series-major: row `s`, step `h` at `s * horizon + h`. */
export interface NeuralForecast {
  readonly horizon: number;
  readonly levels: readonly number[];
  /** Expected units, never negative. */
  readonly mean: Float32Array;
  /** One array per level; never negative, never crossing. */
  readonly quantiles: readonly Float32Array[];
  /** 1 per series where the network had a history to scale by; elsewhere the forecasts are zero. */
  readonly usable: Uint8Array;
}
