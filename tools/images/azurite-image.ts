import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { azuritePackages } from '@longshore/testing/stores';
import { isNeeded } from './application.ts';
import { makeShared } from './base-image.ts';

/**
 * A server of Azure's blobs for a first try, to be laid on a base with Node. It is found below /opt/azurite as in Microsoft's image. The first call
 * on a machine asks the registry of npm.
 */
export async function layOutAzurite(root: string): Promise<void> {
  mkdirSync(join(root, 'opt'), { recursive: true });
  cpSync(await azuritePackages(), join(root, 'opt/node_modules'), { recursive: true, filter: isNeeded });
  symlinkSync('node_modules/azurite', join(root, 'opt/azurite'));
  makeShared(join(root, 'data'));
}
