/**
 * A reading that is made when it is asked for and kept for a while, so that whoever asks often, such as two scrapers of
 * metrics, costs the database one query. Those who ask meanwhile share it; one that fails is not kept.
 */
export function keptReading<T>(keptMs: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly at: number; readonly reading: Promise<T> } | null = null;
  return () => {
    const now = Date.now();
    if (!kept || now - kept.at > keptMs) {
      const reading = read();
      kept = { at: now, reading };
      reading.catch(() => (kept = null));
    }
    return kept.reading;
  };
}
