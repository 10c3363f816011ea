import type { StoreAccess, StoreContents } from '@longshore/testing/stores';

/** A storage server that the runner started. A proxy stands before its origin. */
export interface StartedStore extends StoreAccess {
  /** Reads the store directly, through its own protocol. */
  contents(): StoreContents | Promise<StoreContents>;
  /** Takes it out of service until `resume`. */
  halt(): void | Promise<void>;
  resume(): void | Promise<void>;
  stop(): Promise<void>;
}
