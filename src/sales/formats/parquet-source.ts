import { UnreadableFileError } from '../csv/file-kind.ts';
import { mapHeader } from '../csv/header.ts';
import { parquetColumns, queryParquetTexts } from '../../platform/parquet/index.ts';

/** Types whose values are written as text as they are. */
const PLAIN =
  /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|DATE|UUID|ENUM.*)$/;
const TIMESTAMP = /^TIMESTAMP/;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** SQL text of one cell of a CSV. */
function cellSql(name: string, type: string): string {
  const column = quoted(name);
  // A day is a day, at whatever time of it; with a zone it is that of UTC.
  const text = TIMESTAMP.test(type)
    ? `strftime(CAST(${column} AS TIMESTAMP), '%Y-%m-%d')`
    : type === 'DOUBLE' || type === 'FLOAT'
      ? `CAST(CAST(${column} AS ${type}) AS VARCHAR)`
      : `CAST(${column} AS VARCHAR)`;
  return `'"' || replace(regexp_replace(coalesce(${text}, ''), '[\\r\\n]+', ' ', 'g'), '"', '""') || '"'`;
}

/**
 * A Parquet file as CSV lines, a row a line below the header. Columns that say nothing of sales are left out.
 * @throws UnreadableFileError where it is damaged or encrypted, and where a column of sales is nested or binary
 */
export async function* parquetLines(path: string): AsyncGenerator<Buffer> {
  const columns = await parquetColumns(path).catch((error: Error) => {
    throw new UnreadableFileError('FILE_CORRUPT', `file: the Parquet file cannot be read (${firstLine(error)})`);
  });
  const { mapped } = mapHeader(columns.map(({ name }) => name));
  for (const { name, type } of columns)
    if (name.trim() in mapped && !PLAIN.test(type) && !TIMESTAMP.test(type))
      throw new UnreadableFileError('COLUMN_TYPE', `file: column ${name} is of type ${type}; plain values are read`);
  const known = columns.filter(({ type }) => PLAIN.test(type) || TIMESTAMP.test(type));
  const header = known.map(({ name }) => `"${name.replace(/[\r\n]+/g, ' ').replaceAll('"', '""')}"`).join(',');
  yield Buffer.from(`${header}\n`);
  const line = known.map(({ name, type }) => cellSql(name, type)).join(` || ',' || `);
  if (!known.length) return;
  try {
    for await (const lines of queryParquetTexts(path, line)) yield Buffer.from(`${lines.join('\n')}\n`);
  } catch (error) {
    throw new UnreadableFileError('FILE_CORRUPT', `file: the Parquet file is damaged (${firstLine(error as Error)})`);
  }
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0].slice(0, 200);
}
