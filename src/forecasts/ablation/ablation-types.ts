import type { Ablation, AblationOptions, CalendarEvent, Panel, SignalGroup } from '../../engine/index.ts';

/** What the thread is given; the panel's arrays move to it. */
export interface AblationInput {
  readonly panel: Panel;
  readonly events: readonly CalendarEvent[];
  readonly groups: readonly SignalGroup[];
  readonly options: AblationOptions;
}

export type AblationOutput = Ablation;
