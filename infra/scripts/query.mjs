// Prints the first column of the first row that a query answers.
//   node infra/scripts/query.mjs URL SQL
import pg from 'pg';

const [url, sql] = process.argv.slice(2);
const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
client.on('error', () => undefined);
try {
  await client.connect();
  const { rows } = await client.query(sql);
  console.log(rows.length ? Object.values(rows[0])[0] : '');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => undefined);
}
