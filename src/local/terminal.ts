const BAR_WIDTH = 28;
const BLOCKS = '▁▂▃▄▅▆▇█';

/** One step of the start: a bar that grows in a terminal, a line at each tenth where the output is a file. */
export class ProgressBar {
  private readonly started = Date.now();
  private shown = -1;

  constructor(
    private readonly label: string,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {
    this.update(0);
  }

  /** @param percent 0 to 100 */
  update(percent: number, message = ''): void {
    const whole = Math.max(0, Math.min(100, Math.floor(percent)));
    if (this.out.isTTY) {
      const filled = Math.round((whole / 100) * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      const line = `${this.label.padEnd(22)} ${bar} ${String(whole).padStart(3)} % ${message}`;
      this.out.write(`\r\x1b[2K${line.slice(0, (this.out.columns || 120) - 1)}`);
    } else if (Math.floor(whole / 10) > this.shown) {
      this.shown = Math.floor(whole / 10);
      if (whole > 0 && whole < 100)
        this.out.write(`${this.label.padEnd(22)} ${String(whole).padStart(3)} % ${message}\n`);
    }
  }

  /** Closes the step with what came of it. */
  done(message = ''): void {
    const seconds = ((Date.now() - this.started) / 1000).toFixed(1);
    this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${this.label.padEnd(22)} done in ${seconds} s  ${message}\n`);
  }
}

/** A history in one line of text, scaled from 0 to its maximum. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(...values, 0);
  if (top === 0) return BLOCKS[0].repeat(values.length);
  return values
    .map((value) => BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((Math.max(value, 0) / top) * BLOCKS.length))])
    .join('');
}

/** Means of consecutive groups, so that a long history fits a short line; the first group takes what does not divide. */
export function condense(values: readonly number[], width: number): number[] {
  if (values.length <= width) return [...values];
  const size = Math.floor(values.length / width);
  return Array.from({ length: width }, (_, group) => {
    const end = values.length - (width - 1 - group) * size;
    const part = values.slice(group === 0 ? 0 : end - size, end);
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** A table with a header; numbers stand right-aligned. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths = header.map((title, column) => Math.max(title.length, ...texts.map((row) => [...row[column]].length)));
  const right = header.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const pad = (text: string, column: number) => {
    const space = ' '.repeat(widths[column] - [...text].length);
    return right[column] ? space + text : text + space;
  };
  const line = (cells: readonly string[]) => cells.map(pad).join('  ').trimEnd();
  return [line(header), widths.map((width) => '─'.repeat(width)).join('  '), ...texts.map(line)].join('\n');
}
