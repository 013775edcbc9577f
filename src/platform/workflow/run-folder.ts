/** Folder of the object store for what the steps of a run hand to each other; it goes when the run has long ended. */
export function runFolder(runId: string): string {
  return `runs/${runId}`;
}
