// Waits for an S3 store and creates a bucket in it unless it is there. Signs requests itself (AWS signature version 4), so
// that it needs no package and works with any store that speaks S3.
//   AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… AWS_REGION=… node create-bucket.mjs ENDPOINT BUCKET [SECONDS]
import { createHash, createHmac } from 'node:crypto';

const [endpoint, bucket, seconds = '120'] = process.argv.slice(2);
const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_REGION: region = 'us-east-1' } = process.env;

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (secretKey, text) => createHmac('sha256', secretKey).update(text).digest();

/** Sends a signed request without a body to the bucket and answers its status. */
async function send(method) {
  const url = new URL(`/${bucket}`, endpoint);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers = { host: url.host, 'x-amz-content-sha256': sha256(''), 'x-amz-date': time };
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    url.pathname,
    '',
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    headers['x-amz-content-sha256'],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const signingKey = scope.split('/').reduce(hmac, `AWS4${secret}`);
  const signature = createHmac('sha256', signingKey).update(toSign).digest('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const response = await fetch(url, {
    method,
    headers: { ...headers, authorization },
    signal: AbortSignal.timeout(10_000),
  });
  await response.arrayBuffer();
  return response.status;
}

const deadline = Date.now() + Number(seconds) * 1000;
for (;;) {
  let problem;
  try {
    if ((await send('HEAD')) === 200) break;
    problem = `status ${await send('PUT')}`;
  } catch (error) {
    problem = error.cause?.code ?? error.message;
  }
  if (problem === 'status 403') {
    console.error('The store refuses these credentials');
    process.exit(1);
  }
  if (Date.now() > deadline) {
    console.error(`The bucket could not be created in time: ${problem}`);
    process.exit(1);
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
console.log(`bucket ${bucket} is there`);
