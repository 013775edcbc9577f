// Asks an address until it answers 200 and prints how many milliseconds that took.
//   node infra/scripts/until-ready.mjs URL [SECONDS]
const [url, seconds = '60'] = process.argv.slice(2);
const started = performance.now();
while (performance.now() - started < Number(seconds) * 1000) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    if (response.status === 200) {
      console.log(Math.round(performance.now() - started));
      process.exit(0);
    }
  } catch {
    // Not there yet.
  }
  await new Promise((resolve) => setTimeout(resolve, 25));
}
console.error(`${url} did not answer 200 within ${seconds} s`);
process.exit(1);
