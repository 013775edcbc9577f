export { ObjectStore } from './object-store.ts';
export type { ListedObject, PutOptions, StoredObject } from './object-store.ts';
export { FolderObjectStore } from './folder-object-store.ts';
export { S3ObjectStore } from './s3-object-store.ts';
export type { S3Patience } from './s3-object-store.ts';
export { StoreAwayError } from './store-errors.ts';
export { fetchFolder, storeFolder } from './folder-copy.ts';
export type { FolderCopy } from './folder-copy.ts';
export { connectStore, ObjectStoreModule } from './objectstore.module.ts';
