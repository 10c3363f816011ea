import { join } from 'node:path';

/** Returns the options of podman and buildah for a separate store in `folder`, which needs no file system of the kernel. */
export const storageOptions = (folder: string): readonly string[] => [
  '--root',
  join(folder, 'root'),
  '--runroot',
  join(folder, 'run'),
  '--storage-driver',
  'vfs',
];

/** Returns the global options of podman: a separate store, and no systemd. */
export const podmanOptions = (folder: string): readonly string[] => [
  ...storageOptions(folder),
  '--cgroup-manager',
  'cgroupfs',
];
