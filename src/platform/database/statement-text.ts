/** Longest statement that is told of. */
const MOST_CHARACTERS = 2_000;

/** Comments; quoted names, which stay; and values: quoted with escapes, plainly or by dollars, and numbers that are no placeholder. */
const PARTS =
  /--[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"]|"")*")|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|\$((?:[A-Za-z_]\w*)?)\$[\s\S]*?\$\2\$|(?<![\w$.])(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/g;

/** A statement on one line, with `?` for every value that is written into it and without comments. */
export function statementText(sql: string): string {
  return sql
    .replace(PARTS, (part: string, name: string | undefined) => name ?? (/^(--|\/\*)/.test(part) ? ' ' : '?'))
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MOST_CHARACTERS);
}

/** What a statement does: its first word, in capitals. */
export function statementVerb(text: string): string {
  return /^[a-z]+/i.exec(text)?.[0].toUpperCase() ?? 'SQL';
}
