import { Global, Module } from '@nestjs/common';
import { Reads } from './reads.ts';

/** Reading from replicas, where there are any. */
@Global()
@Module({ providers: [Reads], exports: [Reads] })
export class ReadsModule {}
