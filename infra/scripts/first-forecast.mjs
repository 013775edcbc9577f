// Trains a model on the sales that are loaded and prints the first product's forecast, the way a client does.
//   ADMIN_EMAIL=… ADMIN_PASSWORD=… node infra/scripts/first-forecast.mjs BASE_URL
import { ApiClient } from '../../dist/src/local/api-client.js';

const [base] = process.argv.slice(2);
const api = new ApiClient(base, { email: process.env.ADMIN_EMAIL, password: process.env.ADMIN_PASSWORD });
await api.signIn();
const { job_id } = await api.post('/models/train', {});
await api.follow(job_id);
const { items } = await api.get('/products?limit=1');
const forecast = await api.get(`/forecasts/${items[0].product_id}`);
const [first] = forecast.points;
if (!first) throw new Error(`No forecast: ${JSON.stringify(forecast).slice(0, 500)}`);
console.log(JSON.stringify(first).slice(0, 300));
