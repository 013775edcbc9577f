import type { DuckDBConnection, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A value of a cell; dates are days since 1970-01-01, timestamps microseconds since then in UTC. */
export type ParquetValue = number | string | null;

/** A column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'int32' | 'float' | 'double' | 'date' | 'text' | 'timestamp';
}

/** Rows of a Parquet file, as arrays in the order of the columns. */
export type ParquetRows = Iterable<readonly ParquetValue[]> | AsyncIterable<readonly ParquetValue[]>;

/** Rows handed over at a time: what DuckDB calls a vector. */
const CHUNK_ROWS = 2048;
/** Least DuckDB works with comfortably; beyond it spills to disk. */
const MEMORY_LIMIT = '256MB';

const SQL_TYPES = {
  int32: 'INTEGER',
  float: 'FLOAT',
  double: 'DOUBLE',
  date: 'DATE',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMPTZ',
} as const;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** DuckDB in memory, and how to be rid of it. */
interface OpenDuckdb {
  readonly connection: DuckDBConnection;
  readonly duckdb: Duckdb;
  close(): Promise<void>;
}

/**
 * DuckDB in memory, on one thread. Loaded when it is first needed: it is large, and most processes never need it.
 * @param path the file worked on: what does not fit into memory goes into a folder beside it, since the working directory
 * of a container may be read-only
 */
async function openDuckdb(path: string): Promise<OpenDuckdb> {
  const duckdb = await import('@duckdb/node-api');
  const spill = `${path}.spill`;
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: MEMORY_LIMIT,
    temp_directory: spill,
  });
  const end = async () => {
    instance.closeSync();
    await rm(spill, { recursive: true, force: true });
  };
  try {
    const connection = await instance.connect();
    return {
      connection,
      duckdb,
      close: () => {
        connection.closeSync();
        return end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** DuckDB for the time of `work`, see {@link openDuckdb}. */
async function withDuckdb<T>(
  path: string,
  work: (connection: DuckDBConnection, duckdb: Duckdb) => Promise<T>,
): Promise<T> {
  const { connection, duckdb, close } = await openDuckdb(path);
  try {
    return await work(connection, duckdb);
  } finally {
    await close();
  }
}

type Duckdb = typeof import('@duckdb/node-api');

/** A cell as DuckDB takes it. */
function duckdbValue(duckdb: Duckdb, type: ParquetColumn['type'], value: ParquetValue): DuckDBValue {
  if (typeof value !== 'number') return value;
  if (type === 'date') return new duckdb.DuckDBDateValue(value);
  return type === 'timestamp' ? new duckdb.DuckDBTimestampTZValue(BigInt(value)) : value;
}

/** A table of DuckDB that takes rows and is then written out. */
interface ContentTable {
  add(row: readonly ParquetValue[]): void;
  /** Writes what was added to a file and forgets it; answers how many rows there were. */
  writeTo(path: string): Promise<number>;
}

async function contentTable(
  connection: DuckDBConnection,
  duckdb: Duckdb,
  columns: readonly ParquetColumn[],
): Promise<ContentTable> {
  const types: Record<ParquetColumn['type'], DuckDBType> = {
    int32: duckdb.INTEGER,
    float: duckdb.FLOAT,
    double: duckdb.DOUBLE,
    date: duckdb.DATE,
    text: duckdb.VARCHAR,
    timestamp: duckdb.TIMESTAMPTZ,
  };
  const chunkTypes = columns.map(({ type }) => types[type]);
  const table = columns.map(({ name, type }) => `${quoted(name)} ${SQL_TYPES[type]}`).join(', ');
  const create = () => connection.run(`CREATE OR REPLACE TABLE content (${table})`);
  await create();
  let appender = await connection.createAppender('content');
  let chunk: DuckDBValue[][] = columns.map(() => []);
  let count = 0;
  const flush = (): void => {
    if (chunk[0].length === 0) return;
    const out = duckdb.DuckDBDataChunk.create(chunkTypes, chunk[0].length);
    out.setColumns(chunk);
    appender.appendDataChunk(out);
    chunk = columns.map(() => []);
  };
  return {
    add: (row) => {
      columns.forEach(({ type }, c) => {
        chunk[c].push(duckdbValue(duckdb, type, row[c]));
      });
      count++;
      if (chunk[0].length === CHUNK_ROWS) flush();
    },
    writeTo: async (path) => {
      flush();
      appender.flushSync();
      appender.closeSync();
      await connection.run(`COPY content TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
      await create();
      appender = await connection.createAppender('content');
      const rows = count;
      count = 0;
      return rows;
    },
  };
}

/**
 * Writes rows to a Parquet file, compressed with zstd. The same rows in the same order give the same bytes.
 * @returns how many rows there were
 */
export async function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  rows: ParquetRows,
): Promise<number> {
  return withDuckdb(path, async (connection, duckdb) => {
    const content = await contentTable(connection, duckdb, columns);
    for await (const row of rows) content.add(row);
    return content.writeTo(path);
  });
}

/** One of several files made of the same rows. */
export interface ParquetPart {
  readonly name: string;
  readonly path: string;
  readonly rows: number;
}

/**
 * Writes rows to one Parquet file for each run of rows of the same name, as {@link writeParquet} does, holding one file's
 * rows at a time.
 * @param folder where the files go
 * @param nameOf name of a row's file; rows of one name must follow each other
 */
export async function writeParquetParts(
  folder: string,
  columns: readonly ParquetColumn[],
  rows: ParquetRows,
  nameOf: (row: readonly ParquetValue[]) => string,
): Promise<ParquetPart[]> {
  return withDuckdb(join(folder, 'content'), async (connection, duckdb) => {
    const content = await contentTable(connection, duckdb, columns);
    const parts: ParquetPart[] = [];
    let current: string | null = null;
    const finish = async (name: string): Promise<void> => {
      if (parts.some((part) => part.name === name)) throw new Error(`The rows of ${name} do not follow each other`);
      const path = join(folder, `${name}.parquet`);
      parts.push({ name, path, rows: await content.writeTo(path) });
    };
    for await (const row of rows) {
      const name = nameOf(row);
      if (current !== null && name !== current) await finish(current);
      current = name;
      content.add(row);
    }
    if (current !== null) await finish(current);
    return parts;
  });
}

/** Reads a whole Parquet file, with the values that were written. For files that fit into memory. */
export async function readParquet(path: string): Promise<Record<string, ParquetValue>[]> {
  return withDuckdb(path, async (connection, duckdb) => {
    const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet(${literal(path)})`);
    return reader
      .getRowObjects()
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(duckdb, value)])));
  });
}

function plainValue(duckdb: Duckdb, value: DuckDBValue): ParquetValue {
  if (value instanceof duckdb.DuckDBDateValue) return value.days;
  if (value instanceof duckdb.DuckDBTimestampTZValue) return Number(value.micros);
  return value as ParquetValue;
}

/** Names and DuckDB types of the columns of a Parquet file. */
export async function parquetColumns(path: string): Promise<{ readonly name: string; readonly type: string }[]> {
  return withDuckdb(path, async (connection) => {
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    return reader
      .getRowObjects()
      .map(({ column_name: name, column_type: type }) => ({ name: String(name), type: String(type) }));
  });
}

/**
 * One text a row of a Parquet file of any size, some thousands at a time and in the order of the file.
 * @param expression SQL over the file's columns, never of values from outside
 */
export async function* queryParquetTexts(path: string, expression: string): AsyncGenerator<string[]> {
  const { connection, close } = await openDuckdb(path);
  try {
    const result = await connection.stream(`SELECT ${expression} FROM read_parquet(${literal(path)})`);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield chunk.getColumnValues(0) as string[];
    }
  } finally {
    await close();
  }
}
