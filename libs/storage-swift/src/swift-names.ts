import { randomBytes } from 'node:crypto';
import type { ObjectKey } from '@longshore/storage';
import { StoreKeys } from '@longshore/storage-remote';

/**
 * Names in the container, below the prefix of the configuration. `~` sorts after every character of a key.
 *
 *     <key>                                        an object: its bytes, or the manifest of a large one
 *     ~segments/<key>/<upload>/<offset>-<random>   the parts of a large object, permanently
 *     ~uploads/<key>/<upload>                      marks an open upload, so that its leftovers can be found
 *     ~uploads/<key>/<upload>/<offset>-<random>    lists of segments, if the store has only dynamic large objects
 */
export class SwiftNames extends StoreKeys {
  /** Returns the prefix of an upload's segments, or of all segments of a key. */
  segments(key: ObjectKey, upload = ''): string {
    return this.object(`~segments/${key}/${upload === '' ? '' : `${upload}/`}`);
  }

  marker(key: ObjectKey, upload: string): string {
    return this.side(key) + upload;
  }

  lists(key: ObjectKey, upload: string): string {
    return `${this.side(key)}${upload}/`;
  }

  /** A name after every object of ours and before all our other names. */
  get behindObjects(): string {
    return this.object('~');
  }

  /** Returns the key of a marker. Lists lie deeper; their marker is listed as well. */
  keyOfMarker(name: string): ObjectKey | undefined {
    const inner = name.startsWith(this.sides) ? name.slice(this.sides.length) : '';
    return /\/[0-9a-f]{16}$/.test(inner) ? this.keyOfSide(name) : undefined;
  }
}

export function newUploadId(): string {
  return randomBytes(8).toString('hex');
}

/** Returns a segment's name. Names sort by offset and are never reused, so a stalled older writer writes another object. */
export function segmentName(offset: number, random: string): string {
  return `${String(offset).padStart(16, '0')}-${random}`;
}

export function newRandom(): string {
  return randomBytes(6).toString('hex');
}
