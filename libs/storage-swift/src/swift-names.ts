import { randomBytes } from 'node:crypto';
import type { ObjectKey } from '@longshore/storage';
import { StoreKeys } from '@longshore/storage-remote';

/**
 * Names in the container, below the prefix of the configuration. `~` sorts behind every character that a key may have.
 *
 *     <key>                                        an object: its bytes, or the manifest of a large one
 *     ~segments/<key>/<upload>/<offset>-<random>   what a large object consists of, for good
 *     ~uploads/<key>/<upload>                      says that an upload is open there, which is how leftovers are found
 *     ~uploads/<key>/<upload>/<offset>-<random>    lists of segments, where the store has dynamic large objects only
 */
export class SwiftNames extends StoreKeys {
  /** Where the segments of an upload begin. */
  segments(key: ObjectKey, upload = ''): string {
    return this.object(`~segments/${key}/${upload === '' ? '' : `${upload}/`}`);
  }

  marker(key: ObjectKey, upload: string): string {
    return this.side(key) + upload;
  }

  lists(key: ObjectKey, upload: string): string {
    return `${this.side(key)}${upload}/`;
  }

  /** Behind every object of ours, and before everything else of ours. */
  get behindObjects(): string {
    return this.object('~');
  }

  /** The key that a marker is about. Lists lie deeper, and their marker tells of them. */
  keyOfMarker(name: string): ObjectKey | undefined {
    const inner = name.startsWith(this.sides) ? name.slice(this.sides.length) : '';
    return /\/[0-9a-f]{16}$/.test(inner) ? this.keyOfSide(name) : undefined;
  }
}

export function newUploadId(): string {
  return randomBytes(8).toString('hex');
}

/** In the order of the offsets, and never the same twice: what a stalled writer of old still writes is another object. */
export function segmentName(offset: number, random: string): string {
  return `${String(offset).padStart(16, '0')}-${random}`;
}

export function newRandom(): string {
  return randomBytes(6).toString('hex');
}
