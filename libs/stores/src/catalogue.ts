import type { CreateDriver } from '@longshore/storage';

interface Entry {
  /** Loads its package, and so its SDK. */
  readonly load: () => Promise<{ readonly createDriver: CreateDriver }>;
}

/** The storage drivers of the registry, by the names that the configuration knows them by. */
const catalogue = {
  filesystem: { load: () => import('@longshore/storage/filesystem') },
  inmemory: { load: () => import('@longshore/storage/memory') },
  s3: { load: () => import('@longshore/storage-s3') },
  azure: { load: () => import('@longshore/storage-azure') },
  swift: { load: () => import('@longshore/storage-swift') },
  oss: { load: () => import('@longshore/storage-oss') },
} satisfies Readonly<Record<string, Entry>>;

/** The driver of ours that has this name; undefined when somebody else's is meant. */
export function ownDriver(name: string): Entry | undefined {
  return new Map<string, Entry>(Object.entries(catalogue)).get(name);
}
