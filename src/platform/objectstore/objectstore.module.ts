import { Global, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { FolderObjectStore } from './folder-object-store.ts';
import { ObjectStore } from './object-store.ts';
import { S3ObjectStore } from './s3-object-store.ts';
import { STORE_REST, StoreRest } from './store-breaker.ts';

/**
 * The object store that the configuration names.
 * @param rest when a bucket is left alone
 */
export async function connectStore(
  { lakeBucket, lakeDir }: Pick<AppConfig, 'lakeBucket' | 'lakeDir'>,
  rest?: StoreRest,
): Promise<ObjectStore> {
  return lakeBucket ? S3ObjectStore.connect(lakeBucket, undefined, rest) : new FolderObjectStore(lakeDir);
}

/** Provides the configured {@link ObjectStore}. */
@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [APP_CONFIG, HttpAdapterHost],
      // A worker has no callers to spare the wait.
      useFactory: (config: AppConfig, host: HttpAdapterHost) =>
        connectStore(config, host.httpAdapter ? STORE_REST : undefined),
    },
  ],
  exports: [ObjectStore],
})
export class ObjectStoreModule {}
