// Exits 0 if this container's process answers: the API on PORT, or a worker on WORKER_PORT.
import { get } from 'node:http';

const TIMEOUT_MS = 2_000;
const { PORT = '3000', WORKER_PORT = '3001' } = process.env;

/** Whether an address answers 200 in time. */
function answers(port, path) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

const results = await Promise.all([answers(PORT, '/health/live'), answers(WORKER_PORT, '/health')]);
process.exit(results.includes(true) ? 0 : 1);
