// Runs a PostgreSQL outside of the containers under check, and prints its URL as the only line.
// With DATABASE_URL set, prints that and starts nothing. Needs a build (`npm run build`). Ends on SIGTERM.
//   node infra/scripts/outside-database.mjs FOLDER
const [folder] = process.argv.slice(2);
if (process.env.DATABASE_URL) {
  console.log(process.env.DATABASE_URL);
} else {
  const { startEmbeddedDatabase } = await import('../../dist/src/local/embedded-database.js');
  const server = await startEmbeddedDatabase(folder);
  console.log(server.url);
  const end = () => void server.stop().then(() => process.exit(0));
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  setInterval(() => undefined, 60_000);
}
