import { statusOf } from './s3-errors.ts';

/**
 * Writes an object only if none exists. Services without this condition either refuse it or, worse, write all the same. Therefore the first object of
 * the process is written twice. If the second write is not refused, conditional puts are not used any more.
 */
export class ConditionalPuts {
  #honoured: boolean | undefined;

  /** @returns 'exists' if an object exists, or if the service cannot be trusted to check */
  async put<T>(put: () => Promise<T>): Promise<T | 'exists'> {
    if (this.#honoured === false) return 'exists';
    const written = await this.#once(put);
    const isUntold = this.#honoured === undefined && written !== 'exists';
    if (isUntold && (await this.#once(put)) !== 'exists') this.#honoured = false;
    return this.#honoured === true ? written : 'exists';
  }

  async #once<T>(put: () => Promise<T>): Promise<T | 'exists'> {
    try {
      return await put();
    } catch (error) {
      const status = statusOf(error);
      if (status === 501) this.#honoured = false;
      else if (status === 412) this.#honoured = true;
      else throw error;
      return 'exists';
    }
  }
}
