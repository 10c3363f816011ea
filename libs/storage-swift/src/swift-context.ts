import type { SwiftAccount } from './http/swift-account.ts';
import type { SwiftContainer } from './http/swift-container.ts';
import { featuresOf, type SwiftFeatures } from './http/swift-features.ts';
import type { SwiftNames } from './swift-names.ts';
import { isAbsent } from '@longshore/storage';
import type { CallScope, StoreCalls } from '@longshore/storage-remote';

export interface SwiftParts {
  readonly account: SwiftAccount;
  readonly container: SwiftContainer;
  readonly calls: StoreCalls;
  readonly names: SwiftNames;
  /** Size of a segment in bytes. */
  readonly chunkSize: number;
  /** Use dynamic large objects even if the store has static ones. */
  readonly isDynamic: boolean;
  readonly storagePolicy: string | undefined;
}

/** Shared by all operations of one driver: calls to the store, after its features are known and its container exists. */
export class SwiftContext {
  readonly account: SwiftAccount;
  readonly container: SwiftContainer;
  readonly names: SwiftNames;
  readonly chunkSize: number;
  readonly calls: StoreCalls;
  readonly #parts: SwiftParts;
  #prepared: Promise<SwiftFeatures> | undefined;

  constructor(parts: SwiftParts) {
    this.#parts = parts;
    this.account = parts.account;
    this.container = parts.container;
    this.names = parts.names;
    this.chunkSize = parts.chunkSize;
    this.calls = parts.calls;
  }

  /** Runs one idempotent call. @throws StorageError; the signal's reason if it is aborted */
  run<T>(
    scope: CallScope,
    call: (container: SwiftContainer, features: SwiftFeatures) => Promise<T>,
  ): Promise<T> {
    return this.calls.run(scope, async () => {
      const features = await this.#features();
      scope.signal?.throwIfAborted();
      return call(this.container, features);
    });
  }

  /**
   * Like `run`, for objects that may be replaced at any time. It looks twice for an absent object, because an object server answers 404 for an
   * instant while it replaces the file.
   */
  find<T>(scope: CallScope, look: (container: SwiftContainer) => Promise<T>): Promise<T> {
    return this.run(scope, look).catch((error: unknown) => {
      if (isAbsent(error)) return this.run(scope, look);
      throw error;
    });
  }

  /** Prepares the store once in a driver's life; again after a failure. */
  #features(): Promise<SwiftFeatures> {
    this.#prepared ??= this.#prepare().catch((error: unknown) => {
      this.#prepared = undefined;
      throw error;
    });
    return this.#prepared;
  }

  async #prepare(): Promise<SwiftFeatures> {
    const { account, container, isDynamic, storagePolicy } = this.#parts;
    const features = await featuresOf(account);
    await container.make(storagePolicy);
    return isDynamic ? { ...features, hasStaticLargeObjects: false } : features;
  }
}
