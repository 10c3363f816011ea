import { access } from './access.ts';
import { audit } from './audit.ts';
import { blobs } from './blobs.ts';
import { bus } from './bus.ts';
import { collection } from './collection.ts';
import { database } from './database.ts';
import { http } from './http.ts';
import { limits } from './limits.ts';
import { manifests } from './manifests.ts';
import { notifications } from './notifications.ts';
import { ofProcess } from './process.ts';
import { storage } from './storage.ts';

/**
 * Every series that a process of the registry exports beside those of Node: distribution's names where it has the thing (`registry_`), ours elsewhere.
 * docs/reference/metrics.md is written from it, and the behaviour suite asks each process for its part.
 */
export const series = {
  ...http,
  ...blobs,
  ...storage,
  ...manifests,
  ...access,
  ...audit,
  ...limits,
  ...bus,
  ...database,
  ...notifications,
  ...collection,
  ...ofProcess,
};
