import { LakeBucket, OTHER_ZONE, ZONE } from '../config/index.ts';
import { keySegments } from './object-store.ts';

/** Where an object or folder lies: the bucket, and what it is called there. */
export interface LakePlace {
  readonly bucket: string;
  /** Key in the bucket, or what the keys in a folder begin with. */
  readonly name: string;
}

/** A folder's place, and how the keys found there are called in the store. */
export interface FolderPlace extends LakePlace {
  keyOf(name: string): string;
}

/** Where an object lies. @throws Error for a key that leaves the store */
export function placeOf({ bucket, zones, prefix }: LakeBucket, key: string): LakePlace {
  const segments = keySegments(key);
  // The name of a zone's folder alone is the key of an object beside it.
  const zone = segments.length > 1 ? zones.get(segments[0]) : undefined;
  return { bucket: named(bucket, zone), name: prefix + (zone ? segments.slice(1) : segments).join('/') };
}

/** Where a folder lies, which may be a whole zone. @throws Error for one that leaves the store */
export function folderPlaceOf({ bucket, zones, prefix }: LakeBucket, folder: string): FolderPlace {
  const segments = keySegments(folder).map((segment) => `${segment}/`);
  const zone = zones.get(segments[0].slice(0, -1));
  const cut = zone ? segments[0] : '';
  return {
    bucket: named(bucket, zone),
    name: prefix + segments.join('').slice(cut.length),
    keyOf: (name) => cut + name.slice(prefix.length),
  };
}

function named(bucket: string, zone = OTHER_ZONE): string {
  return bucket.replace(ZONE, zone);
}
