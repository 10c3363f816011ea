import type { StorageDriver } from './storage-driver.ts';

/** The driver that the configuration names, with its parameters; its SDK is loaded only now. */
export async function createStorageDriver(config: Readonly<Record<string, unknown>>): Promise<StorageDriver> {
  const [[name, parameters] = ['', undefined]] = Object.entries(config);
  switch (name) {
    case 'filesystem': {
      const { FilesystemDriver } = await import('./drivers/filesystem/filesystem-driver.ts');
      const { rootdirectory = '/var/lib/registry' } = (parameters ?? {}) as { rootdirectory?: string };
      return new FilesystemDriver({ rootdirectory });
    }
    default:
      throw new Error(`there is no storage driver "${name}"`);
  }
}
