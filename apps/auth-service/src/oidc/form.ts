import type { PageCall } from '@longshore/messaging';

/** Characters. The longest is a logout token. */
const longestValue = 16_384;
const mostParameters = 50;

/** The parameters of a request, of which none may repeat: readers differ in which one counts (RFC 6749, section 3.1). */
export class Form {
  readonly #values: ReadonlyMap<string, string>;
  /** False if a parameter repeats, is too long or holds a control character, or if there are too many. */
  readonly isPlain: boolean;

  constructor(parameters: PageCall['parameters']) {
    this.#values = new Map(parameters);
    this.isPlain =
      parameters.length <= mostParameters &&
      this.#values.size === parameters.length &&
      // oxlint-disable-next-line no-control-regex -- no parameter of the protocols holds any.
      parameters.every(([, value]) => value.length <= longestValue && !/[\x00-\x1f\x7f]/.test(value));
  }

  /** Undefined for an absent parameter and for an empty one. */
  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }
}
