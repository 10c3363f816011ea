import { finished, type Readable } from 'node:stream';
import { freeChunk, type LendingSource } from '@longshore/storage';
import type { Digester } from './upload-digester.ts';

/** Bytes waiting for the store at which the body is paused. Data that its socket still delivers waits in the stream, up to the stream's own limit. */
const aheadBytes = 256 * 1024;

/**
 * Passes a body's chunks on unchanged and shows each to the digesters first. It takes the chunks as they arrive; a Readable's own iterator would copy
 * buffered chunks into new memory. Chunks that come back are freed at once.
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

  /** Starts reading. Call it only once. */
  [Symbol.asyncIterator](): this {
    this.#body.on('data', (chunk: Uint8Array) => this.#arrived(chunk));
    finished(this.#body, { writable: false }, (error) => this.#ended(error == null ? {} : { error }));
    return this;
  }

  /** Returns the next chunk. Chunks that arrived before a failure come first. @throws the failure of the body */
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

  /** Stops, and discards the rest of the body. The connection remains usable for an answer; the code that writes the answer decides for how long. */
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
