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
  /** Bytes of a segment. */
  readonly chunkSize: number;
  /** Dynamic large objects, even where there are static ones. */
  readonly isDynamic: boolean;
  readonly storagePolicy: string | undefined;
}

/** What all operations of one driver share: the way to the store, once the store is known and its container is there. */
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

  /** One call of the store, which is safe to repeat. @throws StorageError; the signal's reason when it is aborted */
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

  /** As `run`, for what may be replaced at any time. Looks twice for what is absent: an object server that is just replacing the file answers 404 for an instant. */
  find<T>(scope: CallScope, look: (container: SwiftContainer) => Promise<T>): Promise<T> {
    return this.run(scope, look).catch((error: unknown) => {
      if (isAbsent(error)) return this.run(scope, look);
      throw error;
    });
  }

  /** Asked for once in a driver's life, unless it fails. */
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
