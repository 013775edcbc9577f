export { Reads } from './reads.ts';
export { ReadsModule } from './reads.module.ts';
