/** Keys in the order in which OSS lists them: by their UTF-8 bytes, unlike JavaScript's comparison of strings. */
export class SortedKeys {
  readonly #keys: string[] = [];

  add(key: string): void {
    const index = this.#firstNotBefore(key);
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key);
  }

  delete(key: string): void {
    const index = this.#firstNotBefore(key);
    if (this.#keys[index] === key) this.#keys.splice(index, 1);
  }

  /** Yields the keys from `first` on, inclusive. The keys must not change during the iteration. */
  *from(first: string): Generator<string> {
    for (let index = this.#firstNotBefore(first); index < this.#keys.length; index++) {
      const key = this.#keys[index];
      if (key !== undefined) yield key;
    }
  }

  #firstNotBefore(key: string): number {
    let from = 0;
    let to = this.#keys.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (byBytes(this.#keys[middle] ?? '', key) < 0) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
