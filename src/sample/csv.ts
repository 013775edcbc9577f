import type { Sample } from './types.ts';

/** Columns of the sales file, named as the upload expects them. */
export const SAMPLE_CSV_COLUMNS = [
  'date',
  'sku',
  'location',
  'quantity_sold',
  'price',
  'on_hand',
  'promotion',
] as const;

const CHUNK_CHARACTERS = 1 << 16;

/**
 * The sales history of a simulated company as CSV text, in chunks of whole lines of 64 K characters or more (the last one
 * may be shorter). The first line is the header; rows follow in ascending order of day, one for every product and store on
 * sale, with 0 for a day without sales. All text is plain ASCII.
 */
export function* sampleCsv(sample: Sample): Generator<string, void, undefined> {
  const { products, locations, dates, firstDay, endDay, quantitySold, onHand, price, promotion } = sample;
  const days = dates.length;
  let chunk = `${SAMPLE_CSV_COLUMNS.join(',')}\n`;
  const prices = new Array<string>(products.length);
  for (let day = 0; day < days; day++) {
    for (let p = 0; p < products.length; p++) prices[p] = price[p * days + day].toFixed(2);
    for (let l = 0; l < locations.length; l++) {
      for (let p = 0; p < products.length; p++) {
        const series = l * products.length + p;
        if (day < firstDay[series] || day >= endDay[series]) continue;
        const cell = series * days + day;
        chunk += `${dates[day]},${products[p].sku},${locations[l].code},${quantitySold[cell]},${prices[p]},${onHand[cell]},${promotion[p * days + day]}\n`;
        if (chunk.length >= CHUNK_CHARACTERS) {
          yield chunk;
          chunk = '';
        }
      }
    }
  }
  if (chunk) yield chunk;
}
