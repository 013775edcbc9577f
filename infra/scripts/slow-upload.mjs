// Uploads sales so slowly that the request is in flight for SECONDS, and prints the answer's status and body.
//   ADMIN_EMAIL=… ADMIN_PASSWORD=… node infra/scripts/slow-upload.mjs BASE_URL SECONDS ROWS
import { request } from 'node:http';

const [base, seconds, rows] = process.argv.slice(2);
const PARTS = 20;
const PRODUCTS = 2000;

/** Rows of sales of one place, each day and product once. */
function salesRows(count) {
  const lines = ['date,sku,location,quantity_sold'];
  for (let row = 0; row < count; row++) {
    const day = new Date(Date.UTC(2022, 0, 1) + Math.floor(row / PRODUCTS) * 86_400_000).toISOString().slice(0, 10);
    lines.push(`${day},SKU-${row % PRODUCTS},L1,${(row * 7) % 23}`);
  }
  return lines.join('\n');
}

const login = await fetch(`${base}/api/v1/auth/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ email: process.env.ADMIN_EMAIL, password: process.env.ADMIN_PASSWORD }),
});
const { access_token: token } = await login.json();
const boundary = 'shelfcast-sales';
const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="sales.csv"\r\ncontent-type: text/csv\r\n\r\n`;
const content = salesRows(Number(rows));
const upload = request(
  `${base}/api/v1/sales-data/upload`,
  {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
  },
  (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text) => (body += text));
    response.on('end', () => console.log(`${response.statusCode} ${body}`));
  },
);
upload.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
upload.write(head);
console.error('in flight');
for (let part = 0; part < PARTS; part++) {
  upload.write(content.slice((content.length * part) / PARTS, (content.length * (part + 1)) / PARTS));
  await new Promise((resolve) => setTimeout(resolve, (Number(seconds) * 1000) / PARTS));
}
upload.end(`\r\n--${boundary}--\r\n`);
