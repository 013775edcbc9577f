/** A simulated quick-commerce company in Hyderabad: catalogue, stores, festivals, and a generated history of sales. */
export { SAMPLE_DAYS, SAMPLE_LABEL, SAMPLE_SALES_FILE, SAMPLE_START_DATE } from './label.ts';
export { sampleLocations, type SampleLocation } from './locations.ts';
export { sampleProducts, type SampleProduct } from './products.ts';
export { sampleEvents, type SampleEvent, type SampleEventName } from './events.ts';
export {
  SAMPLE_CATEGORIES,
  SAMPLE_PROFILES,
  type FestivalEffect,
  type ProfileTraits,
  type SampleCategory,
  type SampleProfile,
} from './profiles.ts';
export { rainIntensity } from './weather.ts';
export { generateSample } from './generate.ts';
export { SAMPLE_CSV_COLUMNS, sampleCsv } from './csv.ts';
export type { Sample, SampleOptions, SampleTruth } from './types.ts';
