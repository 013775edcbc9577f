// Stands for the S3 store while docker-compose.yml is checked: keeps buckets in memory, refuses what is not signed with the
// credentials it was given. Knows no more than creating a bucket and asking for one.
import { createServer } from 'node:http';

const buckets = new Set();
const { AWS_ACCESS_KEY_ID: key } = process.env;
createServer((request, response) => {
  request.resume();
  const authorization = request.headers.authorization ?? '';
  const [, bucket] = new URL(request.url, 'http://objects').pathname.split('/');
  if (!authorization.startsWith(`AWS4-HMAC-SHA256 Credential=${key}/`)) response.writeHead(403).end();
  else if (request.method === 'PUT') {
    buckets.add(bucket);
    response.writeHead(200).end();
  } else response.writeHead(buckets.has(bucket) ? 200 : 404).end();
}).listen(8333);
process.on('SIGTERM', () => process.exit(0));
