/** What everything this folder produces must be called wherever it is shown: the company, its stores and its sales are simulated. */
export const SAMPLE_LABEL = 'simulated';

/** File name under which the sales of the simulated company are stored or uploaded. */
export const SAMPLE_SALES_FILE = `${SAMPLE_LABEL}-sales.csv`;

/** First day of the default history. */
export const SAMPLE_START_DATE = '2022-10-01';

/** Days in the default history: 2022-10-01 to 2025-09-30, so that Dussehra and Diwali lie in the weeks after it. */
export const SAMPLE_DAYS = 1096;
