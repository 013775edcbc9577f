import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { FolderObjectStore } from './folder-object-store.ts';
import { ObjectStore } from './object-store.ts';
import { S3ObjectStore } from './s3-object-store.ts';

/** The object store that the configuration names. */
export async function connectStore({
  lakeBucket,
  lakeDir,
}: Pick<AppConfig, 'lakeBucket' | 'lakeDir'>): Promise<ObjectStore> {
  return lakeBucket ? S3ObjectStore.connect(lakeBucket) : new FolderObjectStore(lakeDir);
}

/** Provides the configured {@link ObjectStore}. */
@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [APP_CONFIG],
      useFactory: connectStore,
    },
  ],
  exports: [ObjectStore],
})
export class ObjectStoreModule {}
