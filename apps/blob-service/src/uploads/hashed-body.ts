import { finished, type Readable } from 'node:stream';
import { freeChunk, type LendingSource } from '@longshore/storage';
import type { Digester } from './upload-digester.ts';

/** A body is paused while so many bytes of it wait for the store; what its socket then still gives waits in the stream, up to its own mark. */
const aheadBytes = 256 * 1024;

/**
 * The bytes of a body, unchanged, each chunk shown to the digesters before it is stored. It takes chunks as they come: a Readable's own
 * iterator glues what is buffered into new memory. Chunks that come back are freed at once.
 */
export class HashedBody implements LendingSource, AsyncIterator<Uint8Array, undefined> {
  readonly #body: Readable;
  readonly #digesters: readonly Digester[];
  readonly #ahead: Uint8Array[] = [];
  #bytes = 0;
  #end: { readonly error?: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(body: Readable, digesters: readonly Digester[]) {
    this.#body = body;
    this.#digesters = digesters;
  }

  /** Begins to read; once only. */
  [Symbol.asyncIterator](): this {
    this.#body.on('data', (chunk: Uint8Array) => this.#arrived(chunk));
    finished(this.#body, { writable: false }, (error) => this.#ended(error == null ? {} : { error }));
    return this;
  }

  /** What arrived before a body broke off comes first. @throws what broke it off */
  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#ahead.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const value = this.#ahead.shift();
    if (value !== undefined) {
      this.#bytes -= value.byteLength;
      if (this.#bytes < aheadBytes && this.#body.isPaused()) this.#body.resume();
      for (const digester of this.#digesters) digester.update(value);
      return { done: false, value };
    }
    if (this.#end !== undefined && 'error' in this.#end) throw this.#end.error;
    return { done: true, value: undefined };
  }

  /** The rest of the body is read to nowhere: its connection is good for an answer, and whoever writes that decides how long. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#ended({});
    this.#ahead.length = 0;
    this.#body.resume();
    return Promise.resolve({ done: true, value: undefined });
  }

  takeBack(chunk: Uint8Array): void {
    freeChunk(chunk);
  }

  #arrived(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    this.#ahead.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes >= aheadBytes) this.#body.pause();
    this.#wake?.();
  }

  #ended(end: { readonly error?: unknown }): void {
    this.#end ??= end;
    this.#wake?.();
  }
}
