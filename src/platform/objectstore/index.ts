export { ObjectStore } from './object-store.ts';
export type { StoredObject } from './object-store.ts';
export { FolderObjectStore } from './folder-object-store.ts';
export { ObjectStoreModule } from './objectstore.module.ts';
