import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { FolderObjectStore } from './folder-object-store.ts';
import { ObjectStore } from './object-store.ts';
import { S3ObjectStore } from './s3-object-store.ts';

/** Provides the configured {@link ObjectStore}. */
@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [APP_CONFIG],
      useFactory: async ({ lakeBucket, lakeDir }: AppConfig): Promise<ObjectStore> =>
        lakeBucket ? S3ObjectStore.connect(lakeBucket) : new FolderObjectStore(lakeDir),
    },
  ],
  exports: [ObjectStore],
})
export class ObjectStoreModule {}
