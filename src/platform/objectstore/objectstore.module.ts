import { Global, Module } from '@nestjs/common';
import { APP_CONFIG, AppConfig } from '../config/index.ts';
import { FolderObjectStore } from './folder-object-store.ts';
import { ObjectStore } from './object-store.ts';

/** Provides the configured {@link ObjectStore}. */
@Global()
@Module({
  providers: [
    {
      provide: ObjectStore,
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig) => new FolderObjectStore(config.lakeDir),
    },
  ],
  exports: [ObjectStore],
})
export class ObjectStoreModule {}
