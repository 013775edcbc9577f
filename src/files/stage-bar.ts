const WIDTH = 28;

/** Where progress goes: a terminal, or a file that takes plain lines. */
export type Output = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

/** One stage of the work: a bar that grows in a terminal, a line at each quarter elsewhere. */
export class StageBar {
  private quarter = 0;

  constructor(
    private readonly label: string,
    private readonly out: Output,
  ) {
    this.update(0);
  }

  /** @param share of the stage that is done, 0..1 */
  update(share: number, message = ''): void {
    const percent = Math.max(0, Math.min(100, Math.floor(share * 100)));
    if (this.out.isTTY) {
      const filled = Math.round((percent / 100) * WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
      const line = `${this.label.padEnd(10)} ${bar} ${String(percent).padStart(3)} % ${message}`;
      this.out.write(`\r\x1b[2K${line.slice(0, (this.out.columns || 120) - 1)}`);
    } else if (Math.floor(percent / 25) > this.quarter) {
      this.quarter = Math.floor(percent / 25);
      if (percent < 100) this.out.write(`${this.label.padEnd(10)} ${String(percent).padStart(3)} % ${message}\n`);
    }
  }

  /** Closes the stage with what came of it. */
  done(message: string): void {
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${this.label.padEnd(10)} ${message}\n`);
  }
}
