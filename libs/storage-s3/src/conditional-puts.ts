import { statusOf } from './s3-errors.ts';

/**
 * Writes an object only where none is. Services that are older than this condition either refuse it or, which is worse, write all the same: so the
 * first object of the process is written twice, and where the second time is no refusal, nothing is written on this condition any more.
 */
export class ConditionalPuts {
  #honoured: boolean | undefined;

  /** @returns 'exists' when there is an object, and when the service cannot be trusted to look */
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
