const element = (selector) => document.querySelector(selector);

async function showStatus() {
  const answer = await fetch('/health/ready').catch(() => null);
  const body = answer && answer.ok ? await answer.json() : null;
  element('#status').textContent = !body
    ? 'The server is not ready.'
    : body.business_date
      ? `Ready. Sales are loaded up to ${body.business_date}; forecasts start on the day after.`
      : 'Ready. No sales are loaded yet: upload a CSV with POST /api/v1/sales-data/upload.';
}

async function signIn(form) {
  const answer = await fetch('/api/v1/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(new FormData(form))),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body.access_token;
}

function cell(text, className) {
  const td = document.createElement('td');
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

/** Names the newest file, so that simulated data is never taken for real. */
async function showSource(token) {
  const answer = await fetch('/api/v1/sales-data/uploads?limit=1', { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) return;
  const [newest] = (await answer.json()).items;
  if (newest) element('#source').textContent = `Forecasts from ${newest.filename}`;
}

async function showProducts(token) {
  const answer = await fetch('/api/v1/forecast/top-products?time_period=month&limit=15', {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  const number = new Intl.NumberFormat();
  element('#products tbody').replaceChildren(
    ...body.products.map((product) => {
      const row = document.createElement('tr');
      const trend =
        product.trend_percent === null
          ? 'new'
          : `${product.trend_percent > 0 ? '+' : ''}${product.trend_percent.toFixed(1)} %`;
      row.append(
        cell(product.sku),
        cell(product.name),
        cell(product.category),
        cell(number.format(Math.round(product.predicted_demand)), 'number'),
        cell(trend, 'number'),
      );
      return row;
    }),
  );
  element('#products').hidden = false;
  element('#sign-in').hidden = true;
}

element('#sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  element('#problem').textContent = '';
  try {
    const token = await signIn(event.target);
    await Promise.all([showProducts(token), showSource(token)]);
  } catch (error) {
    element('#problem').textContent = error.message;
  }
});
showStatus();
