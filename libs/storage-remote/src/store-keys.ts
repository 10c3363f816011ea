import { isObjectKey, type ObjectKey } from '@longshore/storage';

/**
 * Names of objects below a prefix (`rootdirectory`) of a store. Data of open uploads lies beside them under `~uploads/`. No key can collide with it:
 * keys contain no tilde.
 */
export class StoreKeys {
  readonly #root: string;

  /** @param root slashes around it are ignored; empty for the store's own root */
  constructor(root: string) {
    const inner = root.replaceAll(/^\/+|\/+$/g, '');
    this.#root = inner === '' ? '' : `${inner}/`;
  }

  /** Returns the name of an object, or the prefix of several. */
  object(keyOrPrefix: string): string {
    return this.#root + keyOrPrefix;
  }

  /** Returns the prefix of an upload's side objects. */
  side(key: ObjectKey): string {
    return `${this.#root}~uploads/${key}/`;
  }

  /** The prefix of all side objects. */
  get sides(): string {
    return `${this.#root}~uploads/`;
  }

  /** Returns the key of one of this driver's objects, or undefined for any other name. */
  key(name: string): ObjectKey | undefined {
    const key = name.startsWith(this.#root) ? name.slice(this.#root.length) : '';
    return isObjectKey(key) ? key : undefined;
  }

  /** Returns the upload of a side object. */
  keyOfSide(name: string): ObjectKey | undefined {
    const inner = name.startsWith(this.sides) ? name.slice(this.sides.length) : '';
    const key = inner.slice(0, Math.max(0, inner.lastIndexOf('/')));
    return isObjectKey(key) ? key : undefined;
  }
}
