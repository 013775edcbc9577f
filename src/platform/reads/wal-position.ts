/** Bytes in the lower half of a position as PostgreSQL writes it. */
const HALF = 2 ** 32;

/** A position in the write-ahead log, such as `16/B374D848`, as a number of bytes. @throws Error for text that is none */
export function walPosition(text: string): number {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  if (high === undefined) throw new Error(`${text} is no position in the write-ahead log`);
  // Exact up to eight petabytes, which no primary has written.
  return Number.parseInt(high, 16) * HALF + Number.parseInt(low, 16);
}

/** Where the primary stood when, to tell how far behind a replica is, also while nobody writes. */
export class PrimaryTrail {
  private readonly samples: { readonly at: number; readonly position: number }[] = [];

  /** @param keptMs how far back lags are told apart; longer ones count as that long */
  constructor(private readonly keptMs: number) {}

  /** @param at milliseconds of a clock that does not jump */
  add(at: number, position: number): void {
    if (this.samples.at(-1)?.position !== position) this.samples.push({ at, position });
    while (this.samples.length > 1 && this.samples[1].at < at - this.keptMs) this.samples.shift();
  }

  /** For how long at least the primary has been further than a position, in milliseconds; 0 = it has not. */
  lagMs(at: number, position: number): number {
    const ahead = this.samples.find((sample) => sample.position > position);
    return ahead ? at - ahead.at : 0;
  }
}
