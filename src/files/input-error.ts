/** The data cannot be read; the message names the file and, where there is one, the line and the column. */
export class InputError extends Error {}

/** The command line cannot be followed; the message says why. */
export class UsageError extends Error {}
