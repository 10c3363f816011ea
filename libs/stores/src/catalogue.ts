import type { CreateDriver } from '@longshore/storage';
import { azureFields } from '@longshore/storage-azure/parameters';
import { ossFields } from '@longshore/storage-oss/parameters';
import { s3Fields } from '@longshore/storage-s3/parameters';
import { swiftFields } from '@longshore/storage-swift/parameters';
import { filesystemFields, memoryFields } from '@longshore/storage/parameters';
import type { z } from 'zod';

interface Entry {
  /** How it is spoken of. */
  readonly title: string;
  /** Its parameters: the configuration, the reference page, the chart and the driver itself read this one schema. What depends on several of them the driver says. */
  readonly fields: z.ZodObject;
  /** Loads its package, and so its SDK. */
  readonly load: () => Promise<{ readonly createDriver: CreateDriver }>;
  /** Whether its store is reached over a network. */
  readonly isRemote: boolean;
  /** Parameters that the Secret of a deployment holds, unless it says which. */
  readonly secrets: readonly string[];
}

/**
 * The storage drivers of the registry, by the names that the configuration knows them by. Whatever lists drivers (configuration, reference, chart, tests) reads
 * this; `tools/drivers.spec.ts` says what a new one still lacks.
 */
export const catalogue = {
  filesystem: {
    title: 'filesystem',
    fields: filesystemFields,
    load: () => import('@longshore/storage/filesystem'),
    isRemote: false,
    secrets: [],
  },
  inmemory: {
    title: 'in-memory',
    fields: memoryFields,
    load: () => import('@longshore/storage/memory'),
    isRemote: false,
    secrets: [],
  },
  s3: {
    title: 'S3',
    fields: s3Fields,
    load: () => import('@longshore/storage-s3'),
    isRemote: true,
    secrets: ['accesskey', 'secretkey'],
  },
  azure: {
    title: 'Azure',
    fields: azureFields,
    load: () => import('@longshore/storage-azure'),
    isRemote: true,
    secrets: ['accountkey'],
  },
  swift: {
    title: 'Swift',
    fields: swiftFields,
    load: () => import('@longshore/storage-swift'),
    isRemote: true,
    secrets: ['password'],
  },
  oss: {
    title: 'OSS',
    fields: ossFields,
    load: () => import('@longshore/storage-oss'),
    isRemote: true,
    secrets: ['accesskeyid', 'accesskeysecret'],
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type DriverName = keyof typeof catalogue;

/** Those whose store is reached over a network. */
export type RemoteDriverName = {
  [Name in DriverName]: (typeof catalogue)[Name]['isRemote'] extends true ? Name : never;
}[DriverName];

export function isDriverName(name: string): name is DriverName {
  return Object.hasOwn(catalogue, name);
}

export const driverNames: readonly DriverName[] = Object.keys(catalogue).filter(isDriverName);

/** @internal Tests walk them. */
export const remoteDriverNames: readonly RemoteDriverName[] = driverNames.filter(
  (name): name is RemoteDriverName => catalogue[name].isRemote,
);
