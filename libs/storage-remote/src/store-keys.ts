import { isObjectKey, type ObjectKey } from '@longshore/storage';

/**
 * Names in a store that holds objects below a prefix (`rootdirectory`). What belongs to open uploads lies beside them under `~uploads/`, which
 * no key can reach: its grammar has no tilde.
 */
export class StoreKeys {
  readonly #root: string;

  /** @param root slashes around it are not kept; empty for the store's own root */
  constructor(root: string) {
    const inner = root.replaceAll(/^\/+|\/+$/g, '');
    this.#root = inner === '' ? '' : `${inner}/`;
  }

  /** Where an object lies, or the beginning of where several do. */
  object(keyOrPrefix: string): string {
    return this.#root + keyOrPrefix;
  }

  /** Where the side objects of an upload begin. */
  side(key: ObjectKey): string {
    return `${this.#root}~uploads/${key}/`;
  }

  /** Where all side objects begin. */
  get sides(): string {
    return `${this.#root}~uploads/`;
  }

  /** The key of an object of ours; undefined for anything else that lies there. */
  key(name: string): ObjectKey | undefined {
    const key = name.startsWith(this.#root) ? name.slice(this.#root.length) : '';
    return isObjectKey(key) ? key : undefined;
  }

  /** The upload that a side object belongs to. */
  keyOfSide(name: string): ObjectKey | undefined {
    const inner = name.startsWith(this.sides) ? name.slice(this.sides.length) : '';
    const key = inner.slice(0, Math.max(0, inner.lastIndexOf('/')));
    return isObjectKey(key) ? key : undefined;
  }
}
