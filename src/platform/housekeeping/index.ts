export type { Chore, ChoreContext } from './chore.ts';
export { inParts } from './chore.ts';
export { removeRows } from './remove-rows.ts';
export { Housekeeping } from './housekeeping.ts';
export { HousekeepingModule } from './housekeeping.module.ts';
