import type { CreateDriver } from '@longshore/storage';

interface Entry {
  /** Loads the driver's package, and with it the SDK. */
  readonly load: () => Promise<{ readonly createDriver: CreateDriver }>;
}

/** The registry's own storage drivers, by their names in the configuration. */
const catalogue = {
  filesystem: { load: () => import('@longshore/storage/filesystem') },
  inmemory: { load: () => import('@longshore/storage/memory') },
  s3: { load: () => import('@longshore/storage-s3') },
  azure: { load: () => import('@longshore/storage-azure') },
  swift: { load: () => import('@longshore/storage-swift') },
  oss: { load: () => import('@longshore/storage-oss') },
} satisfies Readonly<Record<string, Entry>>;

/** Returns our driver of this name, or undefined if the name means a third-party driver. */
export function ownDriver(name: string): Entry | undefined {
  return new Map<string, Entry>(Object.entries(catalogue)).get(name);
}
